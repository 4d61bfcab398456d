import MAECPU
import MAECheckpoint
import MAECompute
import MAEModel
import MAETensor
import TestSupport
import Testing

/// A seed that fails is named with its configuration, and run alone with `MAE_SEED=n Tests/run --only RandomModelTests`.
///
/// To keep it, give it a test of its own that calls `check`.
@Suite("Whole models of random configuration have the reference's bits, whatever the tile, the threads and the split")
struct RandomModelTests {
    private static let backends: [(name: String, backend: CPUBackend)] = KernelSet.supported.flatMap { set in
        set.matrixKernels.enumerated().map { index, tile in
            let threads = [1, 2, 3, 7][index % 4]
            return (
                "\(tile.name) on \(threads) threads",
                CPUBackend(kernels: set.restricted(to: tile), threads: threads)
            )
        }
    }

    @Test("as drawn", arguments: RandomSeeds.wanted(0..<120))
    func random(seed: UInt64) throws { try check(seed: seed) }

    private func check(seed: UInt64) throws {
        let drawn = RandomModel(seed: seed)
        let expected = try drawn.run(on: ReferenceBackend(), [0..<drawn.images])
        for (name, backend) in Self.backends {
            for parts in [[0..<drawn.images], (0..<drawn.images).map { $0..<$0 + 1 }] {
                let output = try drawn.run(on: backend, parts)
                let agrees =
                    output.layernorm.hasSameBits(as: expected.layernorm)
                    && output.pooled.hasSameBits(as: expected.pooled)
                    && (output.logits.flatMap { mine in expected.logits.map(mine.hasSameBits) } ?? !drawn.hasDecoder)
                #expect(agrees, "\(name), seed \(seed): \(drawn), in \(parts.count) parts")
            }
        }
    }
}

/// A small model with its weights and a batch for it.
private struct RandomModel: CustomStringConvertible {
    let configuration: ViTMAEConfiguration
    let hasDecoder: Bool
    let images: Int
    private let weights: [String: Tensor]
    private let pixels: Tensor
    private let noise: Tensor

    init(seed: UInt64) {
        var random = SplitMix(seed: seed)
        func stack(_ random: inout SplitMix) -> TransformerDimensions {
            let heads = Int.random(in: 1...5, using: &random)
            return TransformerDimensions(
                hiddenSize: heads * Int.random(in: 1...23, using: &random),
                layerCount: Int.random(in: 0...2, using: &random), headCount: heads,
                intermediateSize: Int.random(in: 1...150, using: &random))
        }
        func extent(_ range: ClosedRange<Int>, _ random: inout SplitMix) -> ImageExtent {
            ImageExtent(
                height: Int.random(in: range, using: &random), width: Int.random(in: range, using: &random))
        }
        var configuration = ViTMAEConfiguration()
        configuration.encoder = stack(&random)
        configuration.decoder = stack(&random)
        configuration.hiddenActivation = HiddenActivation.allCases.randomElement(using: &random) ?? .gelu
        configuration.patchSize = extent(1...7, &random)
        let grid = extent(1...5, &random)
        configuration.imageSize = ImageExtent(
            height: grid.height * configuration.patchSize.height, width: grid.width * configuration.patchSize.width)
        configuration.channelCount = Int.random(in: 1...4, using: &random)
        configuration.hasQKVBias = Bool.random(using: &random)
        // One patch at least stays visible.
        configuration.maskRatio =
            Double.random(in: 0...1, using: &random) * Double(configuration.patchCount - 1)
            / Double(configuration.patchCount)
        self.configuration = configuration
        hasDecoder = Bool.random(using: &random)
        images = Int.random(in: 1...3, using: &random)
        let layout = ParameterLayout(configuration, parts: hasDecoder ? [.encoder, .decoder] : [.encoder])
        var weights: [String: Tensor] = [:]
        for parameter in layout.parameters { weights[parameter.name] = random.tensor(parameter.shape) }
        self.weights = weights
        let geometry = configuration.patchGeometry
        pixels = random.tensor([images, geometry.channels, geometry.imageHeight, geometry.imageWidth])
        noise = random.tensor([images, geometry.patchCount])
    }

    /// The outputs for the whole batch, computed in parts.
    func run(on backend: any ComputeBackend, _ parts: [Range<Int>]) throws -> ViTMAEModel.Output {
        let model = try ViTMAEModel(configuration, withDecoder: hasDecoder, on: backend) { [weights] name in
            Weight(try #require(weights[name]))
        }
        return ViTMAEModel.Output(
            joining: try parts.map { part in
                try model.forward(
                    images: pixels.rows(part),
                    selection: PatchSelection(noise: noise.rows(part), keeping: configuration.keptCount()),
                    decodes: hasDecoder)
            })
    }

    var description: String { "\(images) images, \(hasDecoder ? "with" : "without") decoder, \(configuration)" }
}

extension SplitMix {
    fileprivate mutating func tensor(_ shape: [Int]) -> Tensor {
        Tensor(
            shape: shape, elements: (0..<shape.reduce(1, *)).map { _ in Float.random(in: -1...1, using: &self) })
    }
}
