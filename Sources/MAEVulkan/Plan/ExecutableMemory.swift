import MAECompute
import MAETensor

/// The memory of an executable: one block on the device for buffers, scratch and index tables, one that the host sees for
/// what goes in and out.
struct ExecutableMemory {
    private let program: Program
    private let arena: MemoryBlock
    private let staging: MemoryBlock
    private let bufferOffsets: [Int]
    private let scratch, tables: [DeviceBuffer]
    private let stagedInputs, stagedTables, stagedOutputs: [DeviceBuffer]

    private static let elementSize = MemoryLayout<Float>.stride

    /// Takes what `program` with `scratch` needs.
    ///
    /// - Throws: ``ComputeError`` `outOfMemory` when the device cannot hold it, or its shaders cannot see one buffer whole.
    init(_ program: Program, scratch counts: [(position: Int, count: Int)], on device: Device) throws(ComputeError) {
        let limits = device.physical.limits
        let size = Self.elementSize
        let largest = (program.buffers.map(\.count) + counts.map(\.count)).max() ?? 0
        guard largest <= limits.storageRange / size else {
            throw ComputeError(
                .outOfMemory,
                "a batch needs a buffer of \(largest * size) bytes, and shaders of \(device.physical.name) see at most "
                    + "\(limits.storageRange): use smaller batches")
        }
        let plan = ExecutableLayout(program, scratch: counts, alignment: limits.alignment)
        let arena = try MemoryBlock(.device, byteCount: plan.arenaBytes, on: device)
        let staging = try MemoryBlock(.staging, byteCount: plan.stagingBytes, on: device)
        func parts(of block: MemoryBlock, _ offsets: [Int], _ counts: [Int]) -> [DeviceBuffer] {
            zip(offsets, counts).map { DeviceBuffer(block: block, offset: $0, byteCount: $1 * size) }
        }
        bufferOffsets = plan.buffers
        scratch = parts(of: arena, plan.scratch, counts.map(\.count))
        tables = parts(of: arena, plan.tables, program.indexTables)
        stagedInputs = parts(of: staging, plan.stagedInputs, program.inputs.map { program[$0].count })
        stagedTables = parts(of: staging, plan.stagedTables, program.indexTables)
        stagedOutputs = parts(of: staging, plan.stagedOutputs, program.outputs.map { program[$0].count })
        self.arena = arena
        self.staging = staging
        self.program = program
    }

    /// Where something that a shader sees lies; nil for weights.
    func buffer(_ binding: Dispatch.Binding) -> DeviceBuffer? {
        let place: DeviceBuffer
        switch binding {
        case .buffer(let id): place = self[id]
        case .table(let id): place = tables[id.index]
        case .scratch(let index): place = scratch[index]
        case .weights, .bias, .scale, .shift, .vector: return nil
        }
        // An empty table may lie at the very end of the arena.
        return place.byteCount > 0 ? place : DeviceBuffer(block: arena, offset: 0, byteCount: Self.elementSize)
    }

    /// A buffer of the program.
    subscript(_ id: BufferID) -> DeviceBuffer {
        DeviceBuffer(
            block: arena, offset: bufferOffsets[id.index], byteCount: program[id].count * Self.elementSize)
    }

    /// Records the copies of what goes in.
    ///
    /// All else becomes NaN: what an earlier pass left must not pass for a result of this one, should the device leave an
    /// operation out.
    func recordInputs(_ recorder: Recorder) {
        recorder.forget(arena)
        recorder.barrier(from: .copies, to: .copies)
        for (source, id) in zip(stagedInputs, program.inputs) { recorder.copy(source, to: self[id]) }
        for (source, table) in zip(stagedTables, tables) { recorder.copy(source, to: table) }
        recorder.barrier(from: .copies, to: .shaders)
    }

    /// Records the copies of what goes out.
    func recordOutputs(_ recorder: Recorder) {
        recorder.barrier(from: .shaders, to: .copies)
        for (target, id) in zip(stagedOutputs, program.outputs) { recorder.copy(self[id], to: target) }
        recorder.barrier(from: .copies, to: .host)
    }

    /// Puts what goes in where the recorded copies take it from, and NaN where they bring what goes out.
    func write(inputs: [Tensor], indexTables: [[Int32]]) {
        for place in stagedOutputs { staging.forget(place.byteCount, at: place.offset) }
        for (place, tensor) in zip(stagedInputs, inputs) {
            tensor.withUnsafeElements { staging.write(UnsafeRawBufferPointer($0), at: place.offset) }
        }
        for (place, table) in zip(stagedTables, indexTables) {
            table.withUnsafeBytes { staging.write($0, at: place.offset) }
        }
    }

    /// What the recorded copies brought out.
    func outputs() -> [Tensor] {
        zip(stagedOutputs, program.outputShapes).map { place, shape in
            Tensor(shape: shape) { staging.read(into: $0, at: place.offset) }
        }
    }
}
