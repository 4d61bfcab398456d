import ComputeTestSupport
import MAECompute
import MAETensor
import TestSupport
import Testing

@testable import MAEVulkan

@Suite("Operators on a Vulkan device have the reference's bits", .onDevice, .underValidation)
struct OperatorTests {
    @Test("linear layers at every size round a tile and a block", arguments: [0, 1, 15, 127, 128, 129, 300])
    func linearSizes(depth: Int) throws {
        var random = SplitMix(seed: UInt64(depth))
        var example = Case()
        for rows in [0, 1, 15, 31, 32, 33, 65] {
            let input = example.input(random.matrix(rows, depth))
            for columns in [1, 31, 32, 33, 65] {
                let id = example.parameters.add(
                    LinearParameters(weights: [random.matrix(columns, depth)], biases: [random.vector(columns)]))
                example.output(rows: rows, columns: columns) {
                    .linear(input: input, parameters: id, activation: nil, residual: nil, output: $0)
                }
            }
        }
        #expect(try example.disagreeing() == [])
    }

    @Test("linear layers with each activation, bias or none, residual or none", arguments: [nil] + Activation.allCases)
    func finishing(activation: Activation?) throws {
        var random = SplitMix(seed: 3)
        var example = Case()
        let input = example.input(random.matrix(29, 140))
        let before = example.input(random.matrix(29, 51))
        for (hasBias, residual) in [(false, before), (true, nil), (true, before)] {
            let id = example.parameters.add(
                LinearParameters(weights: [random.matrix(51, 140)], biases: [hasBias ? random.vector(51) : nil]))
            example.output(rows: 29, columns: 51) {
                .linear(input: input, parameters: id, activation: activation, residual: residual, output: $0)
            }
        }
        #expect(try example.disagreeing() == [])
    }

    @Test("linear layers that add to the residual in place, with stacked weights of which one has no bias")
    func inPlace() throws {
        var random = SplitMix(seed: 5)
        var example = Case()
        let input = example.input(random.matrix(70, 60))
        let stream = example.input(random.matrix(70, 117))
        let id = example.parameters.add(
            LinearParameters(
                weights: [random.matrix(20, 60), random.matrix(7, 60), random.matrix(90, 60)],
                biases: [random.vector(20), nil, random.vector(90)]))
        example.program.append(
            .linear(input: input, parameters: id, activation: .gelu, residual: stream, output: stream))
        example.program.output(stream)
        #expect(try example.disagreeing() == [])
    }

    @Test("linear layers on NaN, infinities, zeros of both signs, subnormals, overflow and underflow")
    func specialValues() throws {
        let special: [Float] = [
            .nan, .infinity, -.infinity, 0, -0.0, .leastNonzeroMagnitude, -.leastNonzeroMagnitude,
            .leastNormalMagnitude, .greatestFiniteMagnitude, -.greatestFiniteMagnitude, 1, -1, 1e-20, 1e20,
        ]
        var random = SplitMix(seed: 6)
        var example = Case()
        for density in [2, 40, 1000] {
            func matrix(_ rows: Int, _ columns: Int) -> Tensor {
                let plain = random.matrix(rows, columns).elements
                return Tensor(
                    shape: [rows, columns],
                    elements: plain.map { value in
                        Int.random(in: 0..<density, using: &random) == 0
                            ? special[Int.random(in: 0..<special.count, using: &random)] : value
                    })
            }
            let input = example.input(matrix(31, 150))
            let residual = example.input(matrix(31, 40))
            for activation in Activation.allCases {
                let id = example.parameters.add(
                    LinearParameters(weights: [matrix(40, 150)], biases: [matrix(1, 40).reshaped(to: [40])]))
                example.output(rows: 31, columns: 40) {
                    .linear(input: input, parameters: id, activation: activation, residual: residual, output: $0)
                }
            }
        }
        #expect(try example.disagreeing() == [])
    }

    @Test("sums of negative zeros are positive, as they begin with one", arguments: [1, 5, 16, 17, 128, 129])
    func zeros(extent: Int) throws {
        var example = Case()
        func matrix(_ rows: Int, _ columns: Int, _ value: Float) -> Tensor {
            Tensor(shape: [rows, columns], repeating: value)
        }
        let input = example.input(matrix(3, extent, -0.0))
        let id = example.parameters.add(LinearParameters(weights: [matrix(2, extent, 1)], biases: [nil]))
        example.output(rows: 3, columns: 2) {
            .linear(input: input, parameters: id, activation: nil, residual: nil, output: $0)
        }
        let norm = example.parameters.add(
            LayerNormParameters(
                scale: Tensor(shape: [extent], repeating: 1), shift: Tensor(shape: [extent], repeating: -0.0)))
        example.output(rows: 3, columns: extent) {
            .layerNorm(input: input, parameters: norm, epsilon: 1e-12, output: $0)
        }
        let tokens = example.input(matrix(extent, 3, -0.0))
        example.output(rows: 1, columns: 3) { .meanOverTokens(tokens: tokens, images: 1, output: $0) }
        let qkv = example.input(matrix(extent, 12, -0.0))
        example.output(rows: extent, columns: 4) {
            .attention(qkv: qkv, images: 1, heads: 2, scale: 0.5, output: $0)
        }
        #expect(try example.disagreeing() == [])
    }

    @Test("layer norm, at every width round the lanes", arguments: [1, 15, 16, 17, 33, 129, 768])
    func layerNorm(width: Int) throws {
        var random = SplitMix(seed: UInt64(width))
        var example = Case()
        for (rows, factor) in [(0, 1), (1, 1), (2, 1e30), (37, 1), (5, 1e-38)] as [(Int, Float)] {
            let values = random.matrix(rows, width).elements.map { $0 * factor }
            let input = example.input(Tensor(shape: [rows, width], elements: values))
            let id = example.parameters.add(
                LayerNormParameters(scale: random.vector(width), shift: random.vector(width)))
            example.output(rows: rows, columns: width) {
                .layerNorm(input: input, parameters: id, epsilon: 1e-12, output: $0)
            }
            example.program.append(.layerNorm(input: input, parameters: id, epsilon: 0, output: input))
            example.program.output(input)
        }
        #expect(try example.disagreeing() == [])
    }

    @Test(
        "attention, at token counts round tiles and blocks",
        arguments: [(1, 8), (2, 64), (12, 16), (31, 32), (33, 33), (65, 80), (129, 48)])
    func attention(tokens: Int, width: Int) throws {
        var random = SplitMix(seed: UInt64(tokens * 1000 + width))
        var example = Case()
        for (images, heads, factor) in [(2, 3, 1), (1, 1, 60), (1, 2, 1e-22)] as [(Int, Int, Float)] {
            let values = random.matrix(images * tokens, 3 * heads * width).elements.map { $0 * factor }
            let qkv = example.input(Tensor(shape: [images * tokens, 3 * heads * width], elements: values))
            example.output(rows: images * tokens, columns: heads * width) {
                .attention(qkv: qkv, images: images, heads: heads, scale: 0.37, output: $0)
            }
        }
        #expect(try example.disagreeing() == [])
    }

    /// What the device is restricted to, and so how many matrices of scores it holds at a time.
    private static let scoreLimits: [@Sendable (inout PhysicalDevice.Limits) -> Void] = [
        { $0.storageRange = 5 * 65 * 65 * 4 + 64 }, { $0.groups.2 = 7 }, { $0.groups.0 = 120 },
    ]

    @Test(
        "attention whose scores exceed what shaders see, or a dispatch takes, is computed some heads at a time",
        arguments: scoreLimits.indices)
    func attentionInGroups(limit: Int) throws {
        _ = try TestDevice.backend.get()
        let small = try VulkanBackend(TestDevice.open()) { Self.scoreLimits[limit](&$0.limits) }
        var random = SplitMix(seed: 22)
        var example = Case()
        let (images, tokens, heads, width) = (4, 65, 6, 4)
        let qkv = example.input(random.matrix(images * tokens, 3 * heads * width))
        example.output(rows: images * tokens, columns: heads * width) {
            .attention(qkv: qkv, images: images, heads: heads, scale: 0.37, output: $0)
        }
        #expect(try example.run(on: small) == example.run(on: ReferenceBackend()))
    }

    @Test("attention whose scores are NaN or infinite")
    func attentionOfSpecialValues() throws {
        var random = SplitMix(seed: 21)
        var elements = random.matrix(3 * 18, 3 * 2 * 16).elements
        elements[0] = .nan
        elements[18 * 96 + 40] = .infinity
        elements[2 * 18 * 96 + 40] = -.infinity
        var example = Case()
        let qkv = example.input(Tensor(shape: [3 * 18, 96], elements: elements))
        example.output(rows: 3 * 18, columns: 32) {
            .attention(qkv: qkv, images: 3, heads: 2, scale: 0.25, output: $0)
        }
        #expect(try example.disagreeing() == [])
    }

    @Test(
        "moving rows: patches, tokens with and without masked places, means and leading tokens",
        arguments: [1, 2, 17, 197])
    func rows(tokens: Int) throws {
        var random = SplitMix(seed: UInt64(tokens))
        let (images, width) = (2, 70)
        let patches = 2 * tokens
        let kept = tokens - 1
        var example = Case()
        let table = example.table(
            (0..<images).flatMap { _ in (0..<kept).map { _ in Int32.random(in: 0..<Int32(patches), using: &random) } })
        let geometry = PatchGeometry(
            channels: 3, imageHeight: 2 * 5, imageWidth: tokens * 3, patchHeight: 5, patchWidth: 3)
        let pixels = example.input(random.matrix(images, geometry.imagePixels))
        example.output(rows: images * kept, columns: geometry.patchPixels) {
            .gatherPatches(images: pixels, kept: table, geometry: geometry, output: $0)
        }
        let token = example.parameters.add(random.vector(width))
        let positions = example.parameters.add(random.matrix(patches + 1, width))
        let rows = example.input(random.matrix(images * kept, width))
        example.output(rows: images * tokens, columns: width) {
            .assembleTokens(
                patches: rows, kept: table, token: token, positions: positions, images: images, output: $0)
        }
        let stream = example.input(random.matrix(images * tokens, width))
        let slots = example.table(
            (0..<images * patches).map { _ in Int32.random(in: -1..<Int32(kept), using: &random) })
        example.output(rows: images * (patches + 1), columns: width) {
            .restoreTokens(
                tokens: stream, slots: slots, maskToken: token, positions: positions, images: images, output: $0)
        }
        example.output(rows: images, columns: width) { .meanOverTokens(tokens: stream, images: images, output: $0) }
        example.output(rows: images * (tokens - 1), columns: width) {
            .dropLeadingTokens(tokens: stream, count: 1, images: images, output: $0)
        }
        #expect(try example.disagreeing() == [])
    }

    @Test("operations of random shape, whole and image by image", arguments: RandomOperator.Kind.allCases)
    func random(kind: RandomOperator.Kind) throws {
        for seed in RandomSeeds.wanted(0..<40) {
            let random = RandomOperator(kind, seed: seed)
            let expected = try random.example(0..<random.images).run(on: ReferenceBackend())[0]
            let parts = seed % 2 == 0 ? [0..<random.images] : (0..<random.images).map { $0..<$0 + 1 }
            let outputs = try parts.map { try random.example($0).run(on: TestDevice.backend.get())[0] }
            #expect(Tensor(joiningRowsOf: outputs) == expected, "seed \(seed): \(random.description)")
        }
    }

    /// Operations whose shaders take long loops, at an extent, with the largest extent that is allowed.
    private static let loops: [(largest: Int, example: @Sendable (Int) -> Case)] = [
        (
            16_384,
            { depth in
                var (random, example) = (SplitMix(seed: 9), Case())
                let input = example.input(random.matrix(2, depth))
                let id = example.parameters.add(LinearParameters(weights: [random.matrix(3, depth)], biases: [nil]))
                example.output(rows: 2, columns: 3) {
                    .linear(input: input, parameters: id, activation: nil, residual: nil, output: $0)
                }
                return example
            }
        ),
        (
            16_384,
            { width in
                var (random, example) = (SplitMix(seed: 10), Case())
                let qkv = example.input(random.matrix(3, 3 * width))
                example.output(rows: 3, columns: width) {
                    .attention(qkv: qkv, images: 1, heads: 1, scale: 0.01, output: $0)
                }
                return example
            }
        ),
        (
            262_144,
            { width in
                var (random, example) = (SplitMix(seed: 11), Case())
                let input = example.input(random.matrix(2, width))
                let id = example.parameters.add(
                    LayerNormParameters(scale: random.vector(width), shift: random.vector(width)))
                example.output(rows: 2, columns: width) {
                    .layerNorm(input: input, parameters: id, epsilon: 1e-12, output: $0)
                }
                return example
            }
        ),
        (
            262_144,
            { tokens in
                var (random, example) = (SplitMix(seed: 12), Case())
                let input = example.input(random.matrix(tokens, 3))
                example.output(rows: 1, columns: 3) { .meanOverTokens(tokens: input, images: 1, output: $0) }
                return example
            }
        ),
    ]

    @Test(
        "the largest extents allowed are below those at which Mesa's processor driver leaves its loops, and larger ones are refused",
        arguments: loops.indices)
    func longLoops(index: Int) throws {
        let (largest, example) = Self.loops[index]
        #expect(try example(largest).disagreeing() == [])
        let error = #expect(throws: ComputeError.self) { try example(largest + 1).run(on: TestDevice.backend.get()) }
        #expect(error?.code == .unsupportedDevice)
    }
}
