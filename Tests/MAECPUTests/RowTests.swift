import ComputeTestSupport
import MAECompute
import MAETensor
import TestSupport
import Testing

@testable import MAECPU

@Suite("Row operations have the reference's bits")
struct RowTests {
    @Test("layer norm, at every width round a vector", arguments: [1, 15, 16, 17, 33, 64, 129, 768])
    func layerNorm(width: Int) throws {
        var random = SplitMix(seed: UInt64(width))
        var example = Case()
        for rows in [0, 1, 2, 37] {
            let input = example.input(random.matrix(rows, width))
            let id = example.parameters.add(
                LayerNormParameters(scale: random.vector(width), shift: random.vector(width)))
            example.output(rows: rows, columns: width) {
                .layerNorm(input: input, parameters: id, epsilon: 1e-12, output: $0)
            }
        }
        #expect(try example.disagreeing().isEmpty)
    }

    @Test("layer norm in place, on rows of one value, with NaN, infinities, huge and tiny values")
    func layerNormOfSpecialValues() throws {
        var random = SplitMix(seed: 30)
        var elements = random.matrix(8, 37).elements
        for column in 0..<37 {
            elements[column] = 0.1
            elements[37 + column] *= 1e30
            elements[2 * 37 + column] *= 1e-38
            elements[3 * 37 + column] = column % 2 == 0 ? 0 : -0.0
        }
        elements[4 * 37 + 36] = .nan
        elements[5 * 37 + 3] = .infinity
        elements[6 * 37 + 3] = -.infinity
        elements[6 * 37 + 36] = .infinity
        var example = Case()
        let input = example.input(Tensor(shape: [8, 37], elements: elements))
        let id = example.parameters.add(LayerNormParameters(scale: random.vector(37), shift: random.vector(37)))
        example.program.append(.layerNorm(input: input, parameters: id, epsilon: 0, output: input))
        example.program.output(input)
        #expect(try example.disagreeing().isEmpty)
    }

    @Test("mean over tokens and dropping the first ones", arguments: [1, 2, 15, 16, 17, 50, 197])
    func tokens(count: Int) throws {
        var random = SplitMix(seed: UInt64(count))
        var example = Case()
        let input = example.input(random.matrix(3 * count, 41))
        example.output(rows: 3, columns: 41) { .meanOverTokens(tokens: input, images: 3, output: $0) }
        example.output(rows: 3 * (count - 1), columns: 41) {
            .dropLeadingTokens(tokens: input, count: 1, images: 3, output: $0)
        }
        #expect(try example.disagreeing().isEmpty)
    }

    @Test("patches are cut out, assembled with CLS and put back among mask tokens")
    func patches() throws {
        let geometry = PatchGeometry(channels: 3, imageHeight: 24, imageWidth: 40, patchHeight: 8, patchWidth: 5)
        let width = geometry.patchPixels
        var random = SplitMix(seed: 31)
        var example = Case()
        let images = example.input(random.matrix(2, geometry.imagePixels))
        let keptPatches: [[Int32]] = [[0, 3, 7, 23], [1, 2, 11, 22]]
        let kept = example.table(keptPatches.flatMap(\.self))
        let slots = example.table(
            keptPatches.flatMap { kept in (0..<24).map { Int32(kept.firstIndex(of: $0) ?? -1) } })
        let token = example.parameters.add(random.vector(width))
        let positions = example.parameters.add(random.matrix(25, width))

        let rows = example.program.buffer(MatrixShape(rows: 8, columns: width))
        example.program.append(.gatherPatches(images: images, kept: kept, geometry: geometry, output: rows))
        example.program.output(rows)
        let tokens = example.program.buffer(MatrixShape(rows: 10, columns: width))
        example.program.append(
            .assembleTokens(
                patches: rows, kept: kept, token: token, positions: positions, images: 2, output: tokens))
        example.program.output(tokens)
        example.output(rows: 50, columns: width) {
            .restoreTokens(
                tokens: tokens, slots: slots, maskToken: token, positions: positions, images: 2, output: $0)
        }
        #expect(try example.disagreeing().isEmpty)
    }

    @Test("activations, on bit patterns from the whole range of floats", arguments: Activation.allCases)
    func activations(activation: Activation) {
        let inputs =
            stride(from: UInt64(0), through: UInt64(UInt32.max), by: 40_961).map {
                Float(bitPattern: UInt32($0))
            } + stride(from: Float(-8), to: 8, by: 0.001)
        let expected = inputs.map { CanonicalMath.apply(activation, to: $0) }
        for variant in KernelVariant.all {
            var values = inputs
            variant.kernels.vector.activate(&values, values.count, activation.kernelValue)
            let wrong = zip(values, expected).enumerated().first {
                $0.element.0.bitPattern != $0.element.1.bitPattern && !($0.element.0.isNaN && $0.element.1.isNaN)
            }
            #expect(wrong == nil, "\(variant.tile.name) at \(wrong.map { inputs[$0.offset] } ?? 0)")
        }
    }
}
