import MAETensor
import TestSupport
import TorchRandom
import Testing

@testable import MAECheckpoint
@testable import MAEFormats

@Suite("Models drawn from a seed")
struct DrawnModelTests {
    private func fingerprints(seed: UInt64) throws -> WeightsFingerprints {
        let folder = try TemporaryDirectory()
        let model = try ModelWeights(drawing: ViTMAEConfiguration(preset: .tiny), seed: seed)
        try CheckpointWriter.write(model, as: .hub, to: folder.file("hub"))
        return try ModelCheckpoint.open(folder.file("hub")).fingerprints()
    }

    @Test("a seed gives the same weights on every machine, and another seed others")
    func isFrozen() throws {
        #expect(
            try fingerprints(seed: 1).sha256.description
                == "43509150ef2b295d66e86b3f532bb54fc83b0aebed5dcabcaf792f68bfc0c676")
        #expect(try fingerprints(seed: 2).sha256 != fingerprints(seed: 1).sha256)
    }

    @Test("parameters are drawn in order, each by one torch.randn, and scaled")
    func drawsInOrder() throws {
        let model = try ModelWeights(drawing: ViTMAEConfiguration(preset: .tiny), seed: 9)
        var generator = TorchGenerator(seed: 9)
        for parameter in model.layout.parameters where parameter.role != .positionEmbedding {
            let drawn = generator.randn(parameter.shape).elements
            let expected = drawn.map { parameter.role == .normScale ? $0 * 0.02 + 1 : $0 * 0.02 }
            #expect(model.tensor(of: parameter).elements == expected, "\(parameter.name)")
        }
    }

    @Test("position embeddings are the sine and cosine of column, then row")
    func drawsPositions() {
        let table = PositionEmbeddings.table(grid: ImageExtent(height: 2, width: 3), width: 8).elements
        #expect(table.count == 7 * 8)
        #expect(table[..<8].allSatisfy { $0 == 0 })
        // Row 1, column 2: frequencies 1 and 0.01; sin 2, sin 0.02, cos 2, cos 0.02, sin 1, sin 0.01, cos 1, cos 0.01.
        let last: [Float] = [
            0.9092974, 0.019998666, -0.41614684, 0.9998, 0.84147096, 0.009999833, 0.5403023, 0.99995,
        ]
        for (value, expected) in zip(table.suffix(8), last) { #expect(abs(value - expected) < 1e-7) }
    }

    @Test("a configuration no model can be built from is refused")
    func refusesAConfiguration() {
        var configuration = ViTMAEConfiguration(preset: .tiny)
        configuration.encoder.headCount = 7
        #expect(throws: CheckpointError.self) { try ModelWeights(drawing: configuration, seed: 1) }
    }
}
