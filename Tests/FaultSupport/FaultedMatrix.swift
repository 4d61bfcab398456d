import MAECompute
import MAETensor

/// The output of an operation, as faults see it.
struct FaultedMatrix: Sendable {
    let shape: MatrixShape
    /// Rows of one image.
    let rowsOfImage: Int
    /// Columns of one head; nil where there are no heads.
    let headWidth: Int?

    /// The output of the operation at a position of a forward pass, or of an excerpt of one.
    init(of index: Int, in program: Program) {
        let operation = program.operations[index]
        shape = program[operation.output]
        // The images are the first buffer of a forward pass, and excerpts keep the numbers of buffers.
        rowsOfImage = max(1, shape.rows / max(1, program.buffers[0].rows))
        if case .attention(_, _, let heads, _, _) = operation {
            headWidth = shape.columns / heads
        } else {
            headWidth = nil
        }
    }

    /// Calls `body` for each element of some rows and columns that `fault` is in.
    func forEachElement(
        of rows: Range<Int>, _ columns: Range<Int>, in fault: PlantedFault, _ body: (_ row: Int, _ column: Int) -> Void
    ) {
        for row in rows.clamped(to: fault.rows.map { Range($0) } ?? rows) {
            if let image = fault.image, row / rowsOfImage != image { continue }
            for column in columns.clamped(to: fault.columns.map { Range($0) } ?? columns) {
                if let lane = fault.lane, column % lane.count != lane.index { continue }
                if let head = fault.head, headWidth.map({ column / $0 }) != head { continue }
                body(row, column)
            }
        }
    }
}

extension PlantedFault {
    /// What becomes of a value.
    func changed(_ value: Float) -> Float {
        switch effect {
        case .flippedBit(let bit): Float(bitPattern: value.bitPattern ^ 1 << UInt32(bit))
        case .notANumber: .nan
        case .roundedToHalf: Float(Float16(value))
        case .epsilon, .activation, .reversedBatch, .weightBit: value
        }
    }
}
