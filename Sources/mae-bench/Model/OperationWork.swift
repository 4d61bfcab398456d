import MAECompute

/// What an operation does and moves, as far as its shapes say.
struct OperationWork {
    /// What it is, with its extents: the same for every layer of a kind.
    let name: String
    /// Floating-point operations of its products, a multiply-add counting two; 0 where there are none.
    let operations: Double
    /// Bytes that are read or written once at least: weights, inputs and outputs.
    let bytes: Double

    /// The work of an operation of `program`.
    init(_ operation: Operation, of program: Program) {
        var elements = 0
        func shape(_ buffer: BufferID) -> MatrixShape {
            elements += program[buffer].count
            return program[buffer]
        }
        switch operation {
        case .gatherPatches(_, _, _, let output):
            // As many pixels are read as are written.
            elements += program[output].count
            name = "gather patches \(Self.text(shape(output)))"
            operations = 0
        case .linear(let input, _, let activation, let residual, let output):
            let rows = shape(input), columns = shape(output).columns
            if let residual, residual != output { _ = shape(residual) }
            elements += rows.columns * columns
            let parts = [activation.map { "\($0.rawValue)" }, residual.map { _ in "residual" }].compactMap(\.self)
            name =
                "product \(rows.rows)×\(rows.columns)×\(columns)"
                + (parts.isEmpty ? "" : ", " + parts.joined(separator: ", "))
            operations = 2 * Double(rows.rows) * Double(rows.columns) * Double(columns)
        case .layerNorm(let input, _, _, let output):
            if output != input { _ = shape(output) }
            name = "layer norm \(Self.text(shape(input)))"
            operations = 0
        case .attention(let qkv, let images, let heads, _, let output):
            let all = shape(qkv), width = shape(output).columns / heads
            let tokens = all.rows / images
            name = "attention \(images * heads)×\(tokens)×\(width)"
            operations = 4 * Double(images * heads) * Double(tokens) * Double(tokens) * Double(width)
        case .assembleTokens(let patches, _, _, _, _, let output):
            _ = shape(patches)
            name = "assemble tokens \(Self.text(shape(output)))"
            operations = 0
        case .restoreTokens(let tokens, _, _, _, _, let output):
            _ = shape(tokens)
            name = "restore tokens \(Self.text(shape(output)))"
            operations = 0
        case .meanOverTokens(let tokens, _, let output):
            _ = shape(output)
            name = "mean over tokens \(Self.text(shape(tokens)))"
            operations = 0
        case .dropLeadingTokens(let tokens, _, _, let output):
            _ = shape(output)
            name = "drop tokens \(Self.text(shape(tokens)))"
            operations = 0
        }
        bytes = Double(elements * MemoryLayout<Float>.stride)
    }

    private static func text(_ shape: MatrixShape) -> String { "\(shape.rows)×\(shape.columns)" }
}
