import TestSupport
import Testing

@testable import MAECheckpoint
@testable import MAEFormats

@Suite("Configuration")
struct ConfigurationTests {
    private func read(_ text: String) throws -> TracedConfiguration {
        let folder = try TemporaryDirectory()
        let path = try folder.write("config.json", Array(text.utf8))
        return try ConfigurationSource.read(configFile: path, origin: .configFile(path: path)).configuration()
    }

    @Test("no field at all means transformers' defaults, and says so")
    func hasDefaults() throws {
        let traced = try read(#"{"model_type":"vit_mae"}"#)
        #expect(traced.values == ViTMAEConfiguration())
        #expect(traced.values.patchCount == 196)
        #expect(traced.values.keptCount() == 49)
        #expect(traced.origin(of: .maskRatio) == .transformersDefault)
        #expect(traced.origin(of: .maskRatio).isUncertain)
    }

    @Test("the sizes of named models are those of the published ones")
    func hasPresets() {
        let counts = ViTMAEConfiguration.Preset.allCases.map { ParameterLayout(.init(preset: $0)).elementCount }
        #expect(counts == [98_176, 111_907_840, 329_541_888, 657_074_508])
    }

    @Test("the number of visible patches is Python's, also where a product falls just short")
    func countsKeptPatchesAsPython() {
        let configuration = ViTMAEConfiguration()
        // int(196 * (1 - ratio)) in CPython.
        let expected = [(0.0, 196), (0.1, 176), (0.25, 147), (0.3, 137), (0.5, 98), (0.6, 78), (0.7, 58), (0.75, 49)]
        for (ratio, kept) in expected { #expect(configuration.keptCount(maskRatio: ratio) == kept, "\(ratio)") }
    }

    @Test("every field is read from a file, integers also where a float is meant")
    func readsEveryField() throws {
        let traced = try read(
            """
            {"hidden_size": 32, "num_hidden_layers": 3, "num_attention_heads": 2, "intermediate_size": 40,
             "hidden_act": "quick_gelu", "layer_norm_eps": 1e-6, "image_size": [32, 48], "patch_size": [8, 16],
             "num_channels": 1, "qkv_bias": false, "decoder_hidden_size": 16, "decoder_num_hidden_layers": 0,
             "decoder_num_attention_heads": 4, "decoder_intermediate_size": 20, "mask_ratio": 0, "norm_pix_loss": true,
             "initializer_range": 0.1, "hidden_dropout_prob": 0.25, "attention_probs_dropout_prob": 0.5, "new": {}}
            """)
        #expect(
            traced.values.encoder
                == TransformerDimensions(hiddenSize: 32, layerCount: 3, headCount: 2, intermediateSize: 40))
        #expect(traced.values.patchGrid == ImageExtent(height: 4, width: 3))
        #expect(traced.values.maskRatio == 0)
        #expect(traced.values.hiddenActivation == .quickGELU)
        #expect(!traced.origin(of: .maskRatio).isUncertain)
        let again = try read(traced.values.configJSON())
        #expect(again.values == traced.values)
    }

    @Test(
        "a value no model can be built from is refused, naming its field",
        arguments: [
            ("model_type", "\"vit\""), ("hidden_size", "770"), ("hidden_size", "0"), ("hidden_size", "-768"),
            ("hidden_size", "768.0"), ("hidden_size", "1e30"), ("num_attention_heads", "7"),
            ("num_attention_heads", "0"), ("num_hidden_layers", "1000000000"), ("num_hidden_layers", "-1"),
            ("decoder_num_attention_heads", "5"), ("decoder_num_hidden_layers", "9223372036854775807"),
            ("intermediate_size", "9223372036854775807"), ("patch_size", "15"), ("patch_size", "0"),
            ("patch_size", "[16]"), ("image_size", "\"224\""), ("image_size", "9223372036854775807"),
            ("num_channels", "0"), ("layer_norm_eps", "0"), ("layer_norm_eps", "-1e-12"), ("layer_norm_eps", "NaN"),
            ("layer_norm_eps", "1e-60"), ("mask_ratio", "-0.1"), ("mask_ratio", "1"), ("mask_ratio", "1.5"),
            ("mask_ratio", "NaN"), ("mask_ratio", "\"0.75\""), ("mask_ratio", "0.999"), ("mask_ratio", "null"),
            ("hidden_act", "\"gelu_10\""), ("hidden_act", "3"), ("qkv_bias", "1"), ("norm_pix_loss", "\"no\""),
            ("hidden_dropout_prob", "2"), ("initializer_range", "-1"), ("initializer_range", "Infinity"),
        ])
    func refusesAValue(field: String, value: String) throws {
        let error = #expect(throws: CheckpointError.self) { try read("{\"\(field)\": \(value)}") }
        #expect(error?.code == .invalidConfiguration)
        // A size may be blamed under the field it contradicts.
        #expect(error?.description.contains(field) == true, "\(String(describing: error))")
        #expect(error?.description.contains("config.json") == true)
    }

    @Test("an unknown activation is refused with the list of known ones")
    func listsActivations() {
        let error = #expect(throws: CheckpointError.self) { try read(#"{"hidden_act": "mish"}"#) }
        #expect(error?.message.contains("gelu_new") == true)
    }

    @Test("sizes that are fine one by one but not together are refused")
    func refusesTooManyParameters() {
        let error = #expect(throws: CheckpointError.self) {
            try read(#"{"hidden_size": 131072, "num_attention_heads": 1024, "num_hidden_layers": 1024}"#)
        }
        #expect(error?.code == .invalidConfiguration)
    }
}
