import MAETensor
import TestSupport
import Testing

@testable import MAECheckpoint
@testable import MAEFormats

@Suite("Whole tensors of zeros")
struct ZeroWeightTests {
    private let bench: StateDictBench

    init() throws { bench = try StateDictBench() }

    /// The golden model with zeros in the tensors of these canonical names.
    private func zeroed(_ names: Set<String>, value: Float = 0) throws -> ModelCheckpoint {
        let entries: StateDictBench.Entries = try bench.golden.layout.parameters.map { parameter in
            let tensor = try bench.tensor(parameter.name)
            let zeros = Tensor(shape: tensor.shape, repeating: value)
            return (parameter.name, .tensor(PickledTensor(names.contains(parameter.name) ? zeros : tensor)))
        }
        return try bench.open(StateDictBench.dictionary(entries))
    }

    @Test("are named, the encoder's first and in the order of the blocks")
    func namesThem() throws {
        let names = [
            "vit.embeddings.cls_token", "vit.embeddings.patch_embeddings.projection.weight",
            "vit.embeddings.position_embeddings", "vit.encoder.layer.0.layernorm_after.weight",
            "vit.encoder.layer.1.attention.attention.query.weight", "vit.layernorm.weight",
            "decoder.decoder_layers.0.output.dense.weight", "decoder.decoder_pred.weight",
        ]
        let findings = try zeroed(Set(names)).fingerprints().findings(at: "model.pth")
        #expect(findings.map(\.code) == [.zeroWeights])
        #expect(findings.first?.severity == .warning)
        let message = try #require(findings.first?.message)
        let list = names.joined(separator: ", ")
        #expect(message.contains("8 of 62 tensors hold nothing but zeros: \(list)."), "\(message)")
    }

    @Test("are no matter in biases and the mask token, which may rightly be zero")
    func allowsZeroBiases() throws {
        let biases = bench.golden.layout.parameters.map(\.name).filter { $0.hasSuffix(".bias") }
        #expect(try zeroed(Set(biases + ["decoder.mask_token"])).fingerprints().findings(at: "model.pth").isEmpty)
    }

    @Test("count whatever the sign of the zeros, and one other element is enough to be none")
    func comparesValues() throws {
        let name = "vit.encoder.layer.1.output.dense.weight"
        #expect(try zeroed([name], value: -0.0).fingerprints().entries.first { $0.isZero }?.name == name)
        #expect(try zeroed([name], value: 0x1p-149).fingerprints().findings(at: "model.pth").isEmpty)
        #expect(try bench.golden.fingerprints().entries.allSatisfy { !$0.isZero || $0.name.hasSuffix("bias") })
    }

    @Test("a difference names the side that lost a tensor")
    func tellsTheSide() throws {
        let name = "vit.encoder.layer.1.output.dense.weight"
        let difference = try ModelDifference(bench.golden, zeroed([name]))
        #expect(difference.zeroTensors(of: .second) == [name])
        #expect(difference.zeroTensors(of: .first).isEmpty)
        #expect(difference.rounding == nil)
        #expect(difference.summary("a.pth", "b.pth").contains("nothing but zeros in b.pth: \(name)"))
    }
}
