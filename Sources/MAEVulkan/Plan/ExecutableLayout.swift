import MAECompute

/// Where everything lies in the two blocks of an executable, in bytes.
struct ExecutableLayout {
    /// Offsets in the device's block.
    let buffers, scratch, tables: [Int]
    /// Offsets in the block that the host sees.
    let stagedInputs, stagedTables, stagedOutputs: [Int]
    /// Bytes of each block.
    let arenaBytes, stagingBytes: Int

    /// Plans memory for `program`, with scratch for its operations; what shaders see begins at multiples of `alignment`.
    init(_ program: Program, scratch counts: [(position: Int, count: Int)], alignment: Int) {
        let size = MemoryLayout<Float>.stride
        let pieces =
            zip(program.buffers, program.bufferLives).map { MemoryPlan.Piece(count: $0.count, life: $1) }
            + counts.map { MemoryPlan.Piece(count: $0.count, life: $0.position...$0.position) }
        let plan = MemoryPlan(pieces, granularity: max(alignment / size, 1))
        buffers = plan.offsets.prefix(program.buffers.count).map { $0 * size }
        scratch = plan.offsets.dropFirst(program.buffers.count).map { $0 * size }
        var arena = Places(alignment: alignment, end: plan.count * size)
        tables = program.indexTables.map { arena.place($0 * size) }
        var staging = Places(alignment: 16, end: 0)
        stagedInputs = program.inputs.map { staging.place(program[$0].count * size) }
        stagedTables = program.indexTables.map { staging.place($0 * size) }
        stagedOutputs = program.outputs.map { staging.place(program[$0].count * size) }
        // Empty buffers are seen as one element at the start of the block.
        arenaBytes = max(arena.end, alignment, size)
        stagingBytes = max(staging.end, size)
    }
}

/// Hands out aligned places one after the other.
private struct Places {
    let alignment: Int
    var end: Int

    mutating func place(_ bytes: Int) -> Int {
        let offset = (end + alignment - 1) / alignment * alignment
        end = offset + bytes
        return offset
    }
}
