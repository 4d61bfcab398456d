import MAECompute

/// Changes what a backend computes, as a processor that errs would: tests plant errors so, and `mae-bench` times pieces.
package protocol StepAlteration: Sendable {
    /// What is to be done to the output of an operation of `program`, by its position, whenever a piece of it is computed;
    /// nil for nothing.
    ///
    /// It is called on the thread that computed the piece, right after it, while other threads compute other pieces.
    func alteration(
        of index: Int, in program: Program, by instructionSet: InstructionSet
    ) -> (@Sendable (_ piece: ComputedPiece) -> Void)?
}

/// A part of an operation's output that one thread has just computed.
package struct ComputedPiece {
    /// What part it is.
    package let region: MatrixRegion
    private let matrix: UnsafeMutablePointer<Float>
    private let stride: Int

    init(_ region: MatrixRegion, of matrix: UnsafeMutablePointer<Float>, stride: Int) {
        (self.region, self.matrix, self.stride) = (region, matrix, stride)
    }

    /// An element of the part, by its place in the whole output.
    package subscript(row: Int, column: Int) -> Float {
        get { matrix[place(row, column)] }
        nonmutating set { matrix[place(row, column)] = newValue }
    }

    private func place(_ row: Int, _ column: Int) -> Int {
        precondition(region.rows.contains(row) && region.columns.contains(column), "an element of another piece")
        return row * stride + column
    }
}

/// A step whose pieces are altered as soon as they are computed.
struct AlteredStep: Step {
    let step: any Step
    let output: BufferID
    let alter: @Sendable (_ piece: ComputedPiece) -> Void

    var scratchCount: Int { step.scratchCount }

    var itemCount: Int { step.itemCount }

    func region(of item: Int) -> MatrixRegion { step.region(of: item) }

    func run(item: Int, worker: Int, in arena: Arena, _ indexTables: [[Int32]]) {
        step.run(item: item, worker: worker, in: arena, indexTables)
        alter(ComputedPiece(step.region(of: item), of: arena[output], stride: arena.stride(output)))
    }
}
