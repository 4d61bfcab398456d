import MAECPU
import MAECompute
import MAEDomain
import MAETensor
import Synchronization
import TestSupport
import Testing

@testable import MAEEngine

@Suite("The same bits everywhere")
struct BitIdentityTests {
    /// An engine of the matrix instruction set × threads, or the reference.
    struct Configuration: Sendable, CustomTestStringConvertible {
        let options: EngineOptions

        var testDescription: String {
            guard options.backend == .cpu else { return "reference" }
            return "\(options.instructionSet?.rawValue ?? "auto"), \(options.threads ?? 0) threads"
        }
    }

    static let configurations: [Configuration] =
        [Configuration(options: EngineOptions(backend: .reference))]
        + InstructionSet.available.flatMap { instructionSet in
            [1, 2].map {
                Configuration(options: EngineOptions(backend: .cpu, instructionSet: instructionSet, threads: $0))
            }
        }

    private static let model = Goldens.path("checkpoints/hub5")
    private static let images = 8

    private static func request(maskRatio: Double) -> BatchRequest {
        BatchRequest(seed: 7, pixels: .seeded(images: images), maskRatio: maskRatio, decodes: true)
    }

    @Test(
        "every instruction set and thread count agrees with the reference", arguments: configurations, [0, 0.75])
    func sameBits(_ configuration: Configuration, maskRatio: Double) throws {
        let request = Self.request(maskRatio: maskRatio)
        let expected = try Engine(EngineOptions(backend: .reference)).load(Self.model).run(request)
        let result = try Engine(configuration.options).load(Self.model).run(request)
        #expect(result.output.layernorm.hasSameBits(as: expected.output.layernorm))
        #expect(result.output.pooled.hasSameBits(as: expected.output.pooled))
        let logits = try #require(result.output.logits)
        #expect(logits.hasSameBits(as: try #require(expected.output.logits)))
        #expect(result.loss?.bitPattern == expected.loss?.bitPattern || result.loss?.isNaN == true)
    }

    @Test("digests after the layers of a batch in several passes are those of one pass over all of it")
    func layerDigests() throws {
        let model = try Engine().load(Self.model)
        var request = Self.request(maskRatio: 0.75)
        request.pixels = .seeded(images: 2 * LoadedModel.imagesPerPass + 3)
        request.recordsLayerDigests = true
        let result = try model.run(request)
        let expected = Mutex<[String: SHA256Digest]>([:])
        _ = try model.model.forward(
            images: result.input.images, selection: result.selection, decodes: true,
            control: RunControl(observer: { tap, value in
                expected.withLock { $0[tap.name] = value.digest() }
            }))
        let layers = try #require(result.layerDigests)
        #expect(layers.layers.count > 1)
        #expect(layers.states == expected.withLock { digests in layers.layers.map { digests[$0.name] } })
        #expect(expected.withLock { $0[EncoderLayer.finalNorm.name] } == result.digests.layernorm)
    }

    @Test(
        "a batch of 8 gives the same bits as 1 × 8 and as 3 + 5", arguments: configurations,
        [[1, 1, 1, 1, 1, 1, 1, 1], [3, 5]])
    func splits(_ configuration: Configuration, sizes: [Int]) throws {
        let model = try Engine(configuration.options).load(Self.model)
        let whole = try model.run(Self.request(maskRatio: 0.75))
        var start = 0
        for size in sizes {
            let range = start..<start + size
            let part = try model.run(
                BatchRequest(
                    seed: 0, pixels: .given(whole.input.images.rows(range)),
                    noise: .given(whole.input.noise.rows(range)), maskRatio: 0.75, decodes: true))
            #expect(part.output.layernorm.hasSameBits(as: whole.output.layernorm.rows(range)))
            #expect(part.output.pooled.hasSameBits(as: whole.output.pooled.rows(range)))
            start += size
        }
    }

    @Test("with nothing removed, the order of the noise changes no bit", arguments: configurations)
    func orderOfNoise(_ configuration: Configuration) throws {
        let model = try Engine(configuration.options).load(Self.model)
        var request = Self.request(maskRatio: 0)
        let first = try model.run(request)
        request.noise = .drawn(index: 1)
        let second = try model.run(request)
        #expect(first.selection.restore != second.selection.restore)
        #expect(first.output.layernorm.hasSameBits(as: second.output.layernorm))
        #expect(first.output.pooled.hasSameBits(as: second.output.pooled))
        #expect(!first.returnedLayernorm.hasSameBits(as: second.returnedLayernorm))
    }

    @Test("every engine gives the known answers of its class", arguments: configurations)
    func knownAnswers(_ configuration: Configuration) throws {
        let engine = try Engine(configuration.options)
        #expect(engine.knownAnswers.deviations == [])
        #expect(engine.description.numericClass == "canonical-v1")
    }
}
