/// Consecutive operations of a program as a program of their own, to be carried out alone on values that are given.
package struct ProgramExcerpt: Sendable {
    /// The operations, by their position in the whole program.
    package let range: Range<Int>
    /// The operations with all buffers of the whole program, which keep their numbers: a ``BufferID`` of the excerpt names
    /// the same value in the whole.
    ///
    /// Its outputs have the shape (rows, columns). Its taps are those of the whole that look at what these operations leave.
    package let program: Program
    /// For each index table of ``program``, the one of the whole program that it is.
    package let indexTables: [IndexTableID]

    /// Buffers whose value the operations need from before, by ascending number; one that they overwrite is among them.
    package var inputs: [BufferID] { program.inputs }

    /// Buffers that the operations write and that are needed afterwards, by ascending number.
    package var outputs: [BufferID] { program.outputs }

    /// The tables that the excerpt takes, out of those of the whole program.
    package func tables(of whole: [[Int32]]) -> [[Int32]] { indexTables.map { whole[$0.index] } }
}

extension Program {
    /// The operations at the positions `range`, at least one, as a program of their own.
    ///
    /// Excerpts that follow each other, each given what those before it left, give the bits of the whole program. What they
    /// leave is what a later operation, a later tap or an output of the whole program reads. Each operation has the
    /// ``OperationPlace`` that it has in the whole.
    package func excerpt(_ range: Range<Int>) -> ProgramExcerpt {
        precondition(
            !range.isEmpty && range.lowerBound >= 0 && range.upperBound <= operations.count,
            "an excerpt has some of the program's \(operations.count) operations")
        let taps = taps.filter { $0.position > range.lowerBound && $0.position <= range.upperBound }
        let needed = buffersNeeded(at: range.lowerBound, until: range.upperBound)
        let left = buffersNeeded(at: range.upperBound, until: nil)
            .intersection(operations[range].map(\.output))
        var excerpt = Program()
        for (index, shape) in buffers.enumerated() {
            _ = needed.contains(BufferID(index: index)) ? excerpt.input(shape) : excerpt.buffer(shape)
        }
        let tables = Set(operations[range].compactMap(\.indexTable)).sorted { $0.index < $1.index }
        var renamed: [IndexTableID: IndexTableID] = [:]
        for table in tables { renamed[table] = excerpt.indexTable(count: self[table]) }
        for operation in operations[range] { excerpt.append(operation.renamingTable { renamed[$0] ?? $0 }) }
        for buffer in left.sorted(by: { $0.index < $1.index }) { excerpt.output(buffer) }
        return ProgramExcerpt(
            range: range,
            program: excerpt.placed(at: Array(places[range])).replacingTaps(
                taps.map { $0.moved(by: -range.lowerBound) }),
            indexTables: tables)
    }

    /// Buffers whose value before the operation at `position` is read by one of those from there until `end`, or by a tap
    /// on what they leave; without an end, until the program's, whose outputs are read last.
    private func buffersNeeded(at position: Int, until end: Int?) -> Set<BufferID> {
        var needed = end == nil ? Set(outputs) : []
        let end = end ?? operations.count
        func look(after count: Int) {
            for tap in taps where tap.position == count { needed.insert(tap.buffer) }
        }
        for index in (position..<end).reversed() {
            look(after: index + 1)
            // Each operation writes all of its output, so what was there before matters only if it reads it too.
            needed.remove(operations[index].output)
            needed.formUnion(operations[index].inputs)
        }
        return needed
    }
}

extension Operation {
    /// The index table that the operation reads.
    fileprivate var indexTable: IndexTableID? {
        switch self {
        case .gatherPatches(_, let kept, _, _), .assembleTokens(_, let kept, _, _, _, _): kept
        case .restoreTokens(_, let slots, _, _, _, _): slots
        case .linear, .layerNorm, .attention, .meanOverTokens, .dropLeadingTokens: nil
        }
    }

    /// The same operation, reading the table of another number.
    fileprivate func renamingTable(_ name: (IndexTableID) -> IndexTableID) -> Operation {
        switch self {
        case .gatherPatches(let images, let kept, let geometry, let output):
            .gatherPatches(images: images, kept: name(kept), geometry: geometry, output: output)
        case .assembleTokens(let patches, let kept, let token, let positions, let images, let output):
            .assembleTokens(
                patches: patches, kept: name(kept), token: token, positions: positions, images: images, output: output)
        case .restoreTokens(let tokens, let slots, let maskToken, let positions, let images, let output):
            .restoreTokens(
                tokens: tokens, slots: name(slots), maskToken: maskToken, positions: positions, images: images,
                output: output)
        case .linear, .layerNorm, .attention, .meanOverTokens, .dropLeadingTokens: self
        }
    }
}
