import MAETensor
import Testing

@testable import MAECompute

/// A small generator of test values; the sequence is fixed by its seed.
struct TestValues {
    private var state: UInt64

    init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }

    /// Uniform in −1 ..< 1.
    mutating func next() -> Float {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Float(Int32(truncatingIfNeeded: state >> 32)) / 2_147_483_648
    }

    mutating func tensor(_ shape: [Int]) -> Tensor {
        let count = shape.reduce(1, *)
        return Tensor(shape: shape, elements: (0..<count).map { _ in next() })
    }
}

@Suite("Reference backend")
struct ReferenceBackendTests {
    private func run(
        _ program: Program, _ parameters: ParameterSet = ParameterSet(), _ inputs: [Tensor], _ tables: [[Int32]] = []
    ) throws -> [Tensor] {
        try ReferenceBackend().load(parameters).compile(program)
            .run(inputs: inputs, indexTables: tables, control: RunControl())
    }

    @Test("a linear layer sums blocks of 128 in ascending order", arguments: [1, 127, 128, 129, 300])
    func linearOrder(width: Int) throws {
        var values = TestValues(seed: 1)
        let weight = values.tensor([3, width])
        let bias = values.tensor([3])
        let input = values.tensor([2, width])
        var parameters = ParameterSet()
        let id = parameters.add(LinearParameters(weights: [weight], biases: [bias]))
        var program = Program()
        let x = program.input(MatrixShape(rows: 2, columns: width))
        let y = program.buffer(MatrixShape(rows: 2, columns: 3))
        program.append(.linear(input: x, parameters: id, activation: nil, residual: nil, output: y))
        program.output(y)
        let output = try run(program, parameters, [input])[0].elements
        for row in 0..<2 {
            for column in 0..<3 {
                var totals: [Float] = []
                var chain: Float = 0
                for k in 0..<width {
                    chain = chain.addingProduct(input.elements[row * width + k], weight.elements[column * width + k])
                    if k % 128 == 127 || k == width - 1 {
                        totals.append(chain)
                        chain = 0
                    }
                }
                let expected = totals.dropFirst().reduce(totals[0], +) + bias.elements[column]
                #expect(output[row * 3 + column].bitPattern == expected.bitPattern)
            }
        }
    }

    @Test("stacked weights give what each gives alone, and a missing bias counts as zero")
    func stackedWeights() throws {
        var values = TestValues(seed: 2)
        let weights = [values.tensor([2, 5]), values.tensor([3, 5])]
        let bias = values.tensor([3])
        let input = values.tensor([4, 5])
        func output(_ layer: LinearParameters) throws -> [Float] {
            var parameters = ParameterSet()
            let id = parameters.add(layer)
            var program = Program()
            let x = program.input(MatrixShape(rows: 4, columns: 5))
            let y = program.buffer(MatrixShape(rows: 4, columns: layer.outputWidth))
            program.append(.linear(input: x, parameters: id, activation: .gelu, residual: nil, output: y))
            program.output(y)
            return try run(program, parameters, [input])[0].elements
        }
        let both = try output(LinearParameters(weights: weights, biases: [nil, bias]))
        let first = try output(LinearParameters(weights: [weights[0]], biases: [nil]))
        let second = try output(LinearParameters(weights: [weights[1]], biases: [bias]))
        for row in 0..<4 {
            #expect(Array(both[row * 5..<row * 5 + 2]) == Array(first[row * 2..<row * 2 + 2]))
            #expect(Array(both[row * 5 + 2..<row * 5 + 5]) == Array(second[row * 3..<row * 3 + 3]))
        }
    }

    @Test("attention over one token returns its value, and its rows are convex combinations")
    func attention() throws {
        var values = TestValues(seed: 3)
        func attend(_ qkv: Tensor, images: Int) throws -> [Float] {
            var program = Program()
            let x = program.input(MatrixShape(rows: qkv.shape[0], columns: qkv.shape[1]))
            let y = program.buffer(MatrixShape(rows: qkv.shape[0], columns: qkv.shape[1] / 3))
            program.append(.attention(qkv: x, images: images, heads: 2, scale: 0.5, output: y))
            program.output(y)
            return try run(program, ParameterSet(), [qkv])[0].elements
        }
        let single = values.tensor([1, 12])
        #expect(try attend(single, images: 1) == Array(single.elements[8..<12]))
        let many = values.tensor([14, 12])
        let together = try attend(many, images: 2)
        let apart = try attend(many.rows(0..<7), images: 1) + attend(many.rows(7..<14), images: 1)
        #expect(together == apart)
        #expect(together.allSatisfy { abs($0) <= 1 })
    }

    @Test("layer norm centers and scales each row")
    func layerNorm() throws {
        var values = TestValues(seed: 4)
        var parameters = ParameterSet()
        let id = parameters.add(
            LayerNormParameters(scale: Tensor(shape: [37], repeating: 1), shift: Tensor(shape: [37], repeating: 0)))
        var program = Program()
        let x = program.input(MatrixShape(rows: 3, columns: 37))
        program.append(.layerNorm(input: x, parameters: id, epsilon: 1e-12, output: x))
        program.output(x)
        let output = try run(program, parameters, [values.tensor([3, 37])])[0]
        for row in 0..<3 {
            let elements = output.rows(row..<row + 1).elements.map(Double.init)
            let sum = elements.reduce(0, +)
            let squares = elements.map { $0 * $0 }.reduce(0, +)
            #expect(abs(sum) < 1e-4)
            #expect(abs(squares / 37 - 1) < 1e-5)
        }
    }

    @Test("tokens are gathered, assembled, restored and dropped in ascending patch order")
    func tokens() throws {
        let geometry = PatchGeometry(channels: 2, imageHeight: 2, imageWidth: 4, patchHeight: 1, patchWidth: 2)
        var parameters = ParameterSet()
        let zero = parameters.add(Tensor(shape: [4], repeating: 0))
        let mask = parameters.add(Tensor(shape: [4], repeating: -1))
        let positions = parameters.add(Tensor(shape: [5, 4], repeating: 0))
        var program = Program()
        let images = program.input(MatrixShape(rows: 1, columns: 16))
        let kept = program.indexTable(count: 2)
        let slots = program.indexTable(count: 4)
        let patches = program.buffer(MatrixShape(rows: 2, columns: 4))
        let tokens = program.buffer(MatrixShape(rows: 3, columns: 4))
        let restored = program.buffer(MatrixShape(rows: 5, columns: 4))
        let rest = program.buffer(MatrixShape(rows: 4, columns: 4))
        let mean = program.buffer(MatrixShape(rows: 1, columns: 4))
        program.append(.gatherPatches(images: images, kept: kept, geometry: geometry, output: patches))
        program.append(
            .assembleTokens(patches: patches, kept: kept, token: zero, positions: positions, images: 1, output: tokens))
        program.append(
            .restoreTokens(
                tokens: tokens, slots: slots, maskToken: mask, positions: positions, images: 1, output: restored))
        program.append(.dropLeadingTokens(tokens: restored, count: 1, images: 1, output: rest))
        program.append(.meanOverTokens(tokens: tokens, images: 1, output: mean))
        program.output(rest)
        program.output(mean)
        let pixels = Tensor(shape: [1, 16], elements: (0..<16).map(Float.init))
        let outputs = try run(program, parameters, [pixels], [[1, 2], [-1, 0, 1, -1]])
        // Patch 1 is the right half of row 0, patch 2 the left half of row 1, each with both channels.
        let restoredRows: [Float] = [-1, -1, -1, -1, 2, 3, 10, 11, 4, 5, 12, 13, -1, -1, -1, -1]
        let means: [Float] = [2, 8 / 3, 22 / 3, 8]
        #expect(outputs[0].elements == restoredRows)
        #expect(outputs[1].elements == means)
    }

    @Test("indices outside the image are refused before anything is read")
    func badIndices() throws {
        let geometry = PatchGeometry(channels: 1, imageHeight: 2, imageWidth: 2, patchHeight: 1, patchWidth: 1)
        var program = Program()
        let images = program.input(MatrixShape(rows: 1, columns: 4))
        let kept = program.indexTable(count: 1)
        let patches = program.buffer(MatrixShape(rows: 1, columns: 1))
        program.append(.gatherPatches(images: images, kept: kept, geometry: geometry, output: patches))
        for index: Int32 in [-1, 4, .max] {
            #expect(throws: ComputeError.self) {
                try run(program, ParameterSet(), [Tensor(shape: [1, 4], repeating: 0)], [[index]])
            }
        }
    }

    @Test("a cancelled run stops between operations and says how far it came")
    func cancellation() throws {
        var program = Program()
        let x = program.input(MatrixShape(rows: 1, columns: 1))
        let y = program.buffer(MatrixShape(rows: 1, columns: 1))
        program.append(.meanOverTokens(tokens: x, images: 1, output: y))
        let executable = try ReferenceBackend().load(ParameterSet()).compile(program)
        let error = #expect(throws: ComputeError.self) {
            try executable.run(
                inputs: [Tensor(shape: [1], repeating: 1)], indexTables: [], control: RunControl(isCancelled: { true }))
        }
        #expect(error?.code == .cancelled)
    }
}
