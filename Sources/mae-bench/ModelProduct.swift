import MAECPU
import MAECheckpoint
import MAECompute
import MAETensor

/// A matrix product, or the attention, of a model's encoder.
struct ModelProduct {
    /// Model, layer and extents.
    let name: String
    private let build: (_ rows: Int, _ repeats: Int) -> ProductProgram
    private let rows: Int
    private let rowsToCompare: Int

    /// The products of the encoders of some models on full images.
    static func all(of presets: [ViTMAEConfiguration.Preset], images: Int) -> [ModelProduct] {
        presets.flatMap { preset -> [ModelProduct] in
            let configuration = ViTMAEConfiguration(preset: preset)
            let hidden = configuration.encoder.hiddenSize
            let mlp = configuration.encoder.intermediateSize
            let tokens = configuration.patchCount + 1
            let rows = images * tokens
            return [
                linear("\(preset) qkv", rows, hidden, 3 * hidden, nil, residual: false),
                linear("\(preset) attention output", rows, hidden, hidden, nil, residual: true),
                linear("\(preset) mlp in", rows, hidden, mlp, .gelu, residual: false),
                linear("\(preset) mlp out", rows, mlp, hidden, nil, residual: true),
                ModelProduct(
                    name: "\(preset) attention \(tokens) × \(configuration.encoder.headWidth)",
                    build: { rows, repeats in
                        .attention(
                            images: max(1, rows / tokens), tokens: tokens, heads: configuration.encoder.headCount,
                            width: hidden, repeats: repeats)
                    }, rows: rows, rowsToCompare: 1),
            ]
        }
    }

    private static func linear(
        _ name: String, _ rows: Int, _ depth: Int, _ columns: Int, _ activation: Activation?, residual: Bool
    ) -> ModelProduct {
        ModelProduct(
            name: "\(name) \(rows)×\(depth)×\(columns)",
            build: { rows, repeats in
                .linear(
                    rows: rows, depth: depth, columns: columns, activation: activation, hasResidual: residual,
                    repeats: repeats)
            }, rows: rows, rowsToCompare: 15)
    }

    /// Whether a small piece of the product has the reference's bits.
    func matchesReference(on backend: CPUBackend) throws -> Bool {
        let small = build(rowsToCompare, 1)
        let outputs = try [small.run(on: backend), small.run(on: ReferenceBackend())]
        return zip(outputs[0], outputs[1]).allSatisfy { $0.hasSameBits(as: $1) }
    }

    /// GFLOP/s at the best of several runs.
    func rate(on backend: CPUBackend, repeats: Int) throws -> Double {
        // Carried out twice a run: handing in the input counts little, and some runs are not interrupted.
        let whole = build(rows, 2)
        let executable = try backend.load(whole.parameters).compile(whole.program(withOutput: false))
        let timing = try Timing(repeats: repeats) {
            _ = try executable.run(inputs: whole.inputs, indexTables: [], control: RunControl())
        }
        return whole.operations / timing.min / 1e9
    }
}

/// One operation, some times over, with its values.
struct ProductProgram {
    private var program = Program()
    private var output: BufferID?
    private(set) var parameters = ParameterSet()
    private(set) var inputs: [Tensor] = []
    /// Floating-point operations of the products.
    let operations: Double

    /// A linear layer.
    static func linear(
        rows: Int, depth: Int, columns: Int, activation: Activation?, hasResidual: Bool, repeats: Int
    ) -> ProductProgram {
        var result = ProductProgram(operations: 2.0 * Double(rows * depth) * Double(columns * repeats))
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
        var result = ProductProgram(operations: 4.0 * Double(rows * tokens) * Double(width * repeats))
        let qkv = result.input(rows, 3 * width, seed: 1)
        let output = result.program.buffer(MatrixShape(rows: rows, columns: width))
        for _ in 0..<repeats {
            result.program.append(.attention(qkv: qkv, images: images, heads: heads, scale: 0.125, output: output))
        }
        result.output = output
        return result
    }

    private init(operations: Double) {
        self.operations = operations
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
