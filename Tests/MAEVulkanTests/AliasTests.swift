import ComputeTestSupport
import MAECompute
import MAETensor
import TestSupport
import Testing

@testable import MAEVulkan

@Suite("Buffers that a shader sees by two names", .onDevice)
struct AliasTests {
    /// A block of a model with everything that can be done in place done in place.
    private static func example() -> Case {
        var random = SplitMix(seed: 11)
        var example = Case()
        let (images, tokens, width) = (2, 5, 12)
        let geometry = PatchGeometry(channels: 1, imageHeight: 6, imageWidth: 8, patchHeight: 2, patchWidth: 2)
        let pixels = example.input(random.matrix(images, geometry.imagePixels))
        let kept = example.table([0, 3, 7, 11, 1, 2, 5, 9])
        func buffer(_ rows: Int, _ columns: Int) -> BufferID {
            example.program.buffer(MatrixShape(rows: rows, columns: columns))
        }
        func layer(_ depth: Int, _ columns: Int, hasBias: Bool = true) -> LinearID {
            example.parameters.add(
                LinearParameters(
                    weights: [random.matrix(columns, depth)], biases: [hasBias ? random.vector(columns) : nil]))
        }
        let patches = buffer(images * (tokens - 1), 4)
        let projected = buffer(images * (tokens - 1), width)
        let (stream, qkv) = (buffer(images * tokens, width), buffer(images * tokens, 3 * width))
        let (attended, widened) = (buffer(images * tokens, width), buffer(images * tokens, 2 * width))
        let pooled = buffer(images, width)
        let norm = example.parameters.add(
            LayerNormParameters(scale: random.vector(width), shift: random.vector(width)))
        let (token, positions) = (
            example.parameters.add(random.vector(width)), example.parameters.add(random.matrix(13, width))
        )
        let operations: [MAECompute.Operation] = [
            .gatherPatches(images: pixels, kept: kept, geometry: geometry, output: patches),
            .linear(
                input: patches, parameters: layer(4, width, hasBias: false), activation: nil, residual: nil,
                output: projected),
            .assembleTokens(
                patches: projected, kept: kept, token: token, positions: positions, images: images, output: stream),
            .layerNorm(input: stream, parameters: norm, epsilon: 1e-12, output: stream),
            .linear(
                input: stream, parameters: layer(width, 3 * width), activation: nil, residual: nil, output: qkv),
            .attention(qkv: qkv, images: images, heads: 3, scale: 0.5, output: attended),
            .linear(
                input: attended, parameters: layer(width, width), activation: nil, residual: stream, output: stream),
            .linear(
                input: stream, parameters: layer(width, 2 * width), activation: .gelu, residual: nil, output: widened),
            .linear(
                input: widened, parameters: layer(2 * width, width), activation: nil, residual: stream,
                output: attended),
            .meanOverTokens(tokens: attended, images: images, output: pooled),
        ]
        for operation in operations { example.program.append(operation) }
        example.program.output(pooled)
        return example
    }

    @Test("are those that its module says so of, and no others")
    func overlaps() throws {
        let example = Self.example()
        let vulkan = try TestDevice.vulkan.get()
        let device = try Device(try #require(try vulkan.instance.physicalDevices().first), of: vulkan.instance)
        let pipelines = try PipelineStore(.native, on: device)
        let parameters = try VulkanParameters(example.parameters, for: pipelines, tiles: TileChoice(always: .small))
        let plan = try DispatchPlan(example.program, parameters, tile: .small, on: device.physical)
        let memory = try ExecutableMemory(example.program, scratch: plan.scratch, on: device)
        var found: Set<Shader> = []
        for dispatch in plan.operations.joined() {
            // Weights are in blocks of their own, and never written.
            let places = dispatch.bindings.enumerated().compactMap { index, binding in
                memory.buffer(binding).map { (UInt32(index), $0.offset..<$0.offset + $0.byteCount) }
            }
            let aliased = ShaderTests.aliased(in: try SPIRVModule(dispatch.shader.words(.native)))
            for (first, place) in places {
                for (second, other) in places where second > first && place.overlaps(other) {
                    #expect(aliased.isSuperset(of: [first, second]), "\(dispatch.shader): \(first) and \(second)")
                    found.insert(dispatch.shader)
                }
            }
        }
        #expect(found == [.linear, .layerNorm])
        #expect(try example.disagreeing() == [])
    }
}
