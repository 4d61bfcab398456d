import Foundation
import MAECheckpoint
import MAECompute
import MAEEngine
import MAETensor
import Synchronization
import TestSupport
import Testing

@testable import MAEVulkan

@Suite("Whole models on a Vulkan device have the processor's bits", .onDevice, .underValidation)
struct EngineTests {
    static let models =
        ["checkpoints/hub5"]
        + ((try? FileManager.default.contentsOfDirectory(atPath: Goldens.path("models"))) ?? [])
        .filter { !$0.hasSuffix(".json") }.sorted().map { "models/" + $0 }

    private static let engine = Result { try Engine(TestDevice.backend.get()) }

    private static func expectSameBits(_ result: BatchResult, _ expected: BatchResult) throws {
        #expect(result.output.layernorm == expected.output.layernorm)
        #expect(result.output.pooled == expected.output.pooled)
        #expect(result.output.logits == expected.output.logits)
        #expect(result.layerDigests == expected.layerDigests)
        #expect(result.loss?.bitPattern == expected.loss?.bitPattern || result.loss?.isNaN == true)
    }

    @Test("golden models, with and without a mask", arguments: models, [0, 0.75])
    func goldens(model: String, maskRatio: Double) throws {
        let request = BatchRequest(
            seed: 7, pixels: .seeded(images: 3), maskRatio: maskRatio, decodes: true, recordsLayerDigests: true)
        let expected = try Engine().load(Goldens.path(model)).run(request)
        try Self.expectSameBits(try Self.engine.get().load(Goldens.path(model)).run(request), expected)
    }

    @Test("ViT-MAE-base with seeded weights, one image of it, followed as by a worker")
    func base() throws {
        let folder = try TemporaryDirectory()
        let weights = try ModelWeights(drawing: ViTMAEConfiguration(preset: .base), seed: 0)
        try CheckpointWriter.write(weights, as: .hub, to: folder.file("hub"))
        let request = BatchRequest(seed: 42, pixels: .seeded(images: 1), maskRatio: 0.75)
        let expected = try Engine().load(folder.file("hub")).run(request)
        let places = Mutex<[RunProgress]>([])
        let control = RunControl(
            progress: { place in places.withLock { $0.append(place) } }, isCancelled: { false })
        let model = try Self.engine.get().load(folder.file("hub"))
        try Self.expectSameBits(try model.run(request, control: control), expected)
        let done = places.withLock { $0.map(\.done) }
        #expect(done.count > 12, "at least one piece a layer")
        #expect(zip(done, done.dropFirst()).allSatisfy { $0 < $1 })
        #expect(done.last == places.withLock(\.last?.total))
        #expect(Set(places.withLock { $0.compactMap(\.layer) }).count >= 12)
    }

    @Test("the device is in the class, by all known answers")
    func knownAnswers() throws {
        let engine = try Self.engine.get()
        #expect(engine.knownAnswers.deviations == [])
        #expect(engine.description.numericClass == NumericClass.canonical)
    }

    @Test("a batch that the device cannot hold is computed in parts, with the same bits")
    func parts() throws {
        let path = Goldens.path("models/gelu_new-144-patches")
        let request = BatchRequest(
            seed: 7, pixels: .seeded(images: 8), maskRatio: 0, decodes: true, recordsLayerDigests: true)
        let expected = try Engine().load(path).run(request)
        let small = try VulkanBackend(TestDevice.open()) { $0.limits.storageRange = Self.bytesOfFewImages }
        let result = try Engine(small).load(path).run(request)
        #expect(result.layerDigests?.states.count ?? 0 > 1)
        try Self.expectSameBits(result, expected)
    }

    /// The known answers fit into it, and queries, keys and values of a few images of this model, but not those of eight.
    private static let bytesOfFewImages = 200_000
}
