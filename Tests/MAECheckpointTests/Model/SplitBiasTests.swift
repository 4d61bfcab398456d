import MAETensor
import TestSupport
import Testing

@testable import MAECheckpoint
@testable import MAEFormats

@Suite("Biases of queries and values without one of keys")
struct SplitBiasTests {
    private let bench: StateDictBench

    init() throws { bench = try StateDictBench() }

    /// The model with the biases of its attention as BEiT keeps them.
    private func split(_ parts: Set<ParameterLayout.Part>? = nil) throws -> StateDictBench.Entries {
        var entries = try bench.entries(.original, parts: parts)
        for key in entries.map(\.key) where key.hasSuffix("attn.qkv.bias") {
            let block = key.dropLast("qkv.bias".count)
            let fields = block.split(separator: ".")
            let part: ParameterLayout.Part = block.hasPrefix("decoder") ? .decoder : .encoder
            let canonical = part.layerPrefix(try #require(Int(fields[1]))) + "attention.attention."
            entries.removeAll { $0.key == key }
            for (name, projection) in [("q_bias", "query"), ("v_bias", "value")] {
                let tensor = try bench.tensor(canonical + projection + ".bias")
                entries.append((block + name, .tensor(PickledTensor(tensor))))
            }
        }
        return entries
    }

    private func expectZeroKeys(_ checkpoint: ModelCheckpoint) throws {
        for parameter in checkpoint.layout.parameters {
            let elements = try #require(checkpoint.tensors[parameter.name]).tensor().elements
            if parameter.name.hasSuffix("key.bias") {
                #expect(elements.allSatisfy { $0 == 0 }, "\(parameter.name)")
            } else {
                #expect(try elements == bench.tensor(parameter.name).elements, "\(parameter.name)")
            }
        }
        #expect(checkpoint.configuration.values.hasQKVBias)
        #expect(checkpoint.findings.contains { $0.code == .joinedBiases })
    }

    @Test("q_bias and v_bias are joined with a zero bias of keys, in encoder and decoder")
    func joinsSplitBiases() throws {
        let checkpoint = try bench.open(StateDictBench.dictionary(split()))
        try expectZeroKeys(checkpoint)
        let finding = try #require(checkpoint.findings.first { $0.code == .joinedBiases })
        #expect(finding.message.contains("blocks.0.attn.q_bias"), "\(finding)")
        try expectZeroKeys(bench.open(StateDictBench.dictionary(split([.encoder]))))
    }

    @Test("projections of their own without a bias of keys are the same, as in transformers' BEiT")
    func joinsSeparateProjections() throws {
        for dialect in [ParameterDialect.transformers4, .transformers5Memory] {
            let entries = try bench.entries(dialect).filter {
                !$0.key.hasSuffix("key.bias") && !$0.key.hasSuffix("k_proj.bias")
            }
            try expectZeroKeys(bench.open(StateDictBench.dictionary(entries)))
        }
    }

    @Test("a block that lacks the bias which another has is damaged")
    func refusesOneBlockWithout() throws {
        let entries = try bench.entries().filter { $0.key != "vit.encoder.layer.1.attention.attention.key.bias" }
        let error = bench.refusal(of: StateDictBench.dictionary(entries))
        #expect(error?.message.contains("vit.encoder.layer.1.attention.attention.key.bias") == true)
        let halved = try split().filter { $0.key != "blocks.0.attn.v_bias" }
        #expect(bench.refusal(of: StateDictBench.dictionary(halved))?.code == .missing)
    }

    @Test("biases are seen without a configuration, wherever they are kept")
    func infersBiases() throws {
        var configuration = ViTMAEConfiguration(preset: .tiny)
        configuration.encoder = TransformerDimensions(
            hiddenSize: 64, layerCount: 1, headCount: 1, intermediateSize: 24)
        let model = try ModelWeights(drawing: configuration, seed: 4)
        var entries: StateDictBench.Entries = []
        for parameter in model.layout.parameters where parameter.part == .encoder {
            let key = parameter.name.replacing("attention.attention.query.bias", with: "attention.attention.q_bias")
                .replacing("attention.attention.value.bias", with: "attention.attention.v_bias")
            guard !key.hasSuffix("key.bias") else { continue }
            entries.append((key, .tensor(PickledTensor(model.tensor(of: parameter)))))
        }
        let checkpoint = try bench.open(StateDictBench.dictionary(entries), configuration: nil)
        #expect(checkpoint.configuration.values.hasQKVBias)
        #expect(checkpoint.configuration.origin(of: .hasQKVBias) == .shapes)
    }
}
