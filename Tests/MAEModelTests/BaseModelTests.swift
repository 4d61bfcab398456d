import Foundation
import MAECheckpoint
import MAECompute
import MAEEngine
import MAEModel
import MAETensor
import TestSupport
import Testing

@Suite("ViT-MAE-base")
struct BaseModelTests {
    /// The model that `checkpoint init --preset base --seed 0` draws, written once for all tests of the suite.
    private static let checkpoint = Result {
        let folder = try TemporaryDirectory()
        let weights = try ModelWeights(drawing: ViTMAEConfiguration(preset: .base), seed: 0)
        try CheckpointWriter.write(weights, as: .hub, to: folder.file("hub"))
        return (folder, try Engine().load(folder.file("hub")))
    }

    private struct Golden: Decodable {
        let weights_sha256: String
    }

    @Test("the weights drawn from seed 0 are those that PyTorch's outputs were made with")
    func weights() throws {
        let golden = try JSONDecoder().decode(Golden.self, from: Data(try Goldens.bytes("base/weights.json")))
        #expect(try Self.checkpoint.get().1.checkpoint.fingerprints().sha256.description == golden.weights_sha256)
    }

    @Test("the mean over tokens is PyTorch's, and no further from float64 than PyTorch's", arguments: ["0.75", "0"])
    func pooled(ratio: String) throws {
        let request = BatchRequest(seed: 42, pixels: .seeded(images: 2), maskRatio: Double(ratio))
        let result = try Self.checkpoint.get().1.run(request)
        let theirs = try Tensor(npy: Goldens.path("base/pooled-sdpa-\(ratio).npy"))
        let truth = try NpyArray<Double>(npy: Goldens.path("base/pooled-float64-\(ratio).npy")).elements
        let distance = Distance(result.output.pooled, theirs).largest
        #expect(distance <= PyTorchAgreementTests.tolerance, "differs by \(distance)")
        let ours = Distance(result.output.pooled, truth).squares
        #expect(ours <= Distance(theirs, truth).squares)
    }

    @Test(
        "double precision gives PyTorch's float64",
        .enabled(if: Build.isOptimized, "takes minutes without optimization"), arguments: ["0.75", "0"])
    func float64(ratio: String) throws {
        let checkpoint = try Self.checkpoint.get().1.checkpoint
        let configuration = checkpoint.configuration.values
        let input = BatchInput.seeded(42, images: 2, for: configuration)
        let encoder = try Float64Encoder(configuration) { checkpoint.weight($0) }
        // Images do not mix: one is enough.
        let ours = try encoder.run(
            images: input.images.rows(1..<2),
            selection: PatchSelection(
                noise: input.noise.rows(1..<2), keeping: configuration.keptCount(maskRatio: Double(ratio)))
        ).pooled
        let truth = try NpyArray<Double>(npy: Goldens.path("base/pooled-float64-\(ratio).npy")).elements
        let largest = zip(ours, truth.suffix(ours.count)).map { abs($0 - $1) }.max()
        #expect(try #require(largest) < 1e-12)
    }
}
