import ComputeTestSupport
import MAECompute
import MAETensor
import TestSupport
import Testing

@testable import MAECPU

@Suite("Rows that lie apart in memory")
struct WideRowTests {
    @Test(
        "every operation has the reference's bits on rows of whole kilobytes, wider than any golden model's",
        .enabled(if: !Sampling.isOn, "takes long without optimization"))
    func bits() throws {
        var random = SplitMix(seed: 60)
        let (images, patches, width, heads) = (2, 3, 1024, 4)
        let tokens = images * (patches + 1)
        var example = Case()
        let geometry = PatchGeometry(channels: 4, imageHeight: 16, imageWidth: 48, patchHeight: 16, patchWidth: 16)
        let pixels = example.input(random.matrix(images, geometry.imagePixels))
        let kept = example.table([0, 1, 2, 0, 1, 2])
        let slots = example.table([0, -1, 2, 1, 0, -1])
        let norm = example.parameters.add(
            LayerNormParameters(scale: random.vector(width), shift: random.vector(width)))
        let token = example.parameters.add(random.vector(width))
        let positions = example.parameters.add(random.matrix(patches + 1, width))
        let wide = example.parameters.add(
            LinearParameters(weights: [random.matrix(3 * width, width)], biases: [random.vector(3 * width)]))
        let narrow = example.parameters.add(
            LinearParameters(weights: [random.matrix(width, 3 * width)], biases: [nil]))

        example.output(rows: images * patches, columns: width) {
            .gatherPatches(images: pixels, kept: kept, geometry: geometry, output: $0)
        }
        let rows = example.program.outputs[0]
        example.output(rows: tokens, columns: width) {
            .assembleTokens(
                patches: rows, kept: kept, token: token, positions: positions, images: images, output: $0)
        }
        let stream = example.program.outputs[1]
        example.output(rows: tokens, columns: width) {
            .layerNorm(input: stream, parameters: norm, epsilon: 1e-6, output: $0)
        }
        let normalized = example.program.outputs[2]
        example.output(rows: tokens, columns: 3 * width) {
            .linear(input: normalized, parameters: wide, activation: nil, residual: nil, output: $0)
        }
        let qkv = example.program.outputs[3]
        example.output(rows: tokens, columns: width) {
            .attention(qkv: qkv, images: images, heads: heads, scale: 0.0625, output: $0)
        }
        example.output(rows: tokens, columns: width) {
            .linear(input: qkv, parameters: narrow, activation: .gelu, residual: normalized, output: $0)
        }
        example.output(rows: images, columns: width) {
            .meanOverTokens(tokens: normalized, images: images, output: $0)
        }
        example.output(rows: tokens, columns: width) {
            .restoreTokens(
                tokens: normalized, slots: slots, maskToken: token, positions: positions, images: images, output: $0)
        }
        example.output(rows: images * patches, columns: width) {
            .dropLeadingTokens(tokens: normalized, count: 1, images: images, output: $0)
        }
        #expect(ArenaPlan(example.program).strides.contains { $0 % 256 != 0 })
        #expect(try example.disagreeing(threads: [1, 3], emulated: false).isEmpty)
    }
}
