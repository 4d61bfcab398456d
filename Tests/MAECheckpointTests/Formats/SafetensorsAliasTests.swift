import MAETensor
import TestSupport
import Testing

@testable import MAECheckpoint
@testable import MAEFormats

@Suite("Safetensors in which several names share a tensor")
struct SafetensorsAliasTests {
    private let bench: StateDictBench

    init() throws { bench = try StateDictBench() }

    /// Writes the golden model as `save_model` does: names for which `kept` gives another are only noted.
    private func write(
        _ kept: (String) -> String?, more: [String: String] = [:], prefixes: [String] = [""]
    ) throws -> String {
        var tensors: [(name: String, tensor: Tensor)] = []
        var metadata = more
        for prefix in prefixes {
            for parameter in bench.golden.layout.parameters {
                let name = prefix + parameter.name
                if let kept = kept(name) {
                    metadata[name] = kept
                } else {
                    tensors.append((name, try bench.tensor(parameter.name)))
                }
            }
        }
        let path = bench.folder.file("model.safetensors")
        try SafetensorsWriter.write(tensors, metadata: metadata, to: path)
        return path
    }

    private func open(_ path: String) throws -> ModelCheckpoint {
        try ModelCheckpoint.open(path, configuration: GoldenWeights.path("hub4"), comparesNeighbors: false)
    }

    @Test("blocks that share their weights are all there, as in ALBERT")
    func readsSharedBlocks() throws {
        let checkpoint = try open(
            write { $0.hasPrefix("vit.encoder.layer.1.") ? $0.replacing("layer.1.", with: "layer.0.") : nil })
        #expect(checkpoint.configuration.values.encoder.layerCount == 2)
        for module in ["output.dense.weight", "layernorm_before.bias"] {
            let shared = try #require(checkpoint.tensors["vit.encoder.layer.1.\(module)"]).tensor()
            #expect(try shared.hasSameBits(as: bench.tensor("vit.encoder.layer.0.\(module)")))
        }
        #expect(checkpoint.findings.contains { $0.code == .sharedStorage })
    }

    @Test("a wrapper that keeps the encoder one time more is read through the noted names, whichever are kept")
    func readsAWrapper() throws {
        for (kept, noted) in [("encoder.", "model."), ("model.", "encoder.")] {
            let path = try write(
                { name in
                    name.hasPrefix(noted + "vit.") ? kept + name.dropFirst(noted.count) : nil
                }, prefixes: ["encoder.", "model."])
            let checkpoint = try open(path)
            #expect(try checkpoint.fingerprints().sha256 == bench.golden.fingerprints().sha256)
        }
    }

    @Test("what else the metadata holds names no tensor, and a name that is there keeps its own")
    func ignoresOtherMetadata() throws {
        let name = "vit.layernorm.weight"
        let path = try write(
            { _ in nil }, more: ["format": "pt", "note": "none.such", name: "vit.layernorm.bias", "": name])
        let checkpoint = try open(path)
        #expect(try checkpoint.fingerprints().sha256 == bench.golden.fingerprints().sha256)
    }
}
