import MAECompute
import MAETensor

/// One operation, some times over, with its values.
struct ProductProgram {
    private var program = Program()
    private var output: BufferID?
    private(set) var parameters = ParameterSet()
    private(set) var inputs: [Tensor] = []
    /// Floating-point operations of the products, all repeats together.
    let operations: Double
    /// How often the operation is carried out.
    let repeats: Int

    /// A linear layer.
    static func linear(
        rows: Int, depth: Int, columns: Int, activation: Activation?, hasResidual: Bool, repeats: Int
    ) -> ProductProgram {
        var result = ProductProgram(
            operations: 2.0 * Double(rows * depth) * Double(columns * repeats), repeats: repeats)
        let input = result.input(rows, depth, seed: 1)
        let output = result.program.buffer(MatrixShape(rows: rows, columns: columns))
        let residual = hasResidual ? result.input(rows, columns, seed: 2) : nil
        let layer = result.parameters.add(
            LinearParameters(
                weights: [RandomWeights.tensor([columns, depth], range: 0.05, seed: 3)],
                biases: [RandomWeights.tensor([columns], range: 1, seed: 4)]))
        for _ in 0..<repeats {
            result.program.append(
                .linear(input: input, parameters: layer, activation: activation, residual: residual, output: output))
        }
        result.output = output
        return result
    }

    /// Attention of all heads.
    static func attention(images: Int, tokens: Int, heads: Int, width: Int, repeats: Int) -> ProductProgram {
        let rows = images * tokens
        var result = ProductProgram(operations: 4.0 * Double(rows * tokens) * Double(width * repeats), repeats: repeats)
        let qkv = result.input(rows, 3 * width, seed: 1)
        let output = result.program.buffer(MatrixShape(rows: rows, columns: width))
        for _ in 0..<repeats {
            result.program.append(.attention(qkv: qkv, images: images, heads: heads, scale: 0.125, output: output))
        }
        result.output = output
        return result
    }

    private init(operations: Double, repeats: Int) {
        self.operations = operations
        self.repeats = repeats
    }

    private mutating func input(_ rows: Int, _ columns: Int, seed: UInt64) -> BufferID {
        inputs.append(RandomWeights.tensor([rows, columns], range: 1, seed: seed))
        return program.input(MatrixShape(rows: rows, columns: columns))
    }

    /// The program; without an output a run leaves the result where it is.
    func program(withOutput: Bool) -> Program {
        var program = self.program
        if withOutput, let output { program.output(output) }
        return program
    }

    /// Runs the program once.
    func run(on backend: some ComputeBackend) throws -> [Tensor] {
        try backend.load(parameters).compile(program(withOutput: true))
            .run(inputs: inputs, indexTables: [], control: RunControl())
    }
}
