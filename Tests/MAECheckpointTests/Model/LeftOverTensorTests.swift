import MAETensor
import TestSupport
import Testing

@testable import MAECheckpoint
@testable import MAEFormats

@Suite("Tensors that take part and are no parameters of a ViT-MAE")
struct LeftOverTensorTests {
    private let bench: StateDictBench

    init() throws { bench = try StateDictBench() }

    @Test(
        "a tensor inside the model is refused with its name and the architecture it points to",
        arguments: [
            (ParameterDialect.original, "blocks.0.ls1.gamma", "LayerScale"),
            (.original, "blocks.1.gamma_1", "LayerScale"),
            (.transformers4, "vit.encoder.layer.0.layer_scale1.lambda1", "LayerScale"),
            (.transformers4, "vit.encoder.layer.1.lambda_2", "LayerScale"),
            (.original, "blocks.0.attn.q_norm.weight", "norms of queries and keys"),
            (.transformers5Memory, "vit.layers.1.attention.k_norm.bias", "norms of queries and keys"),
            (.original, "blocks.1.attn.relative_position_bias_table", "relative positions"),
            (.original, "blocks.1.attn.rel_pos_h", "relative positions"),
            (.original, "rel_pos_bias.relative_position_bias_table", "relative positions"),
            (.transformers4, "vit.encoder.relative_position_bias.relative_position_bias_table", "relative positions"),
            (.original, "register_tokens", "register tokens"),
            (.transformers4, "vit.embeddings.register_tokens", "register tokens"),
            (.original, "reg_token", "register tokens"),
            (.original, "dist_token", "distillation token"),
            (.transformers5Disk, "vit.embeddings.distillation_token", "distillation token"),
            (.transformers5Memory, "vit.layers.0.attention.q_proj.lora_A.default.weight", "merge_and_unload"),
            (.original, "blocks.0.adapter_mlp.down.weight", "adapter"),
            (.transformers4, "vit.encoder.layer.0.output.dense.SCB", "quantized"),
            (.transformers4, "vit.encoder.layer.0.output.dense.weight.absmax", "quantized"),
            (.transformers5Memory, "vit.layers.1.mlp.fc1.parametrizations.weight.original0", "weight_norm"),
            (.original, "blocks.1.mlp.fc2.weight_g", "weight_norm"),
            (.original, "norm_pre.weight", "norm before the blocks"),
            (.original, "patch_embed.norm.weight", "patch_embed.norm.weight"),
            (.transformers4, "vit.layernorm.running_mean", "batch normalization"),
            (.original, "rope.freqs_cis", "rotary"),
            (.original, "temporal_embedding", "further embeddings"),
            (.original, "decoder_blocks.0.ls2.gamma", "LayerScale"),
            (.transformers4, "decoder.decoder_layers.0.ls2.gamma", "LayerScale"),
            (.original, "blocks.0.something.nobody.knows", "blocks.0.something.nobody.knows"),
        ])
    func refusesATensorInside(dialect: ParameterDialect, key: String, word: String) throws {
        for prefix in ["", "module.", "net.backbone."] {
            let entries = try bench.entries(dialect).map { (key: prefix + $0.key, value: $0.value) }
            let more = entries + [(prefix + key, StateDictBench.filler())]
            let error = bench.refusal(of: StateDictBench.dictionary(more))
            #expect(error?.code == .unsupportedFormat)
            #expect(error?.description.contains(prefix + key) == true, "\(String(describing: error))")
            #expect(error?.message.contains(word) == true, "\(String(describing: error))")
        }
    }

    @Test(
        "a tensor outside stays surplus, and is listed",
        arguments: [
            (ParameterDialect.original, "head.weight"), (.original, "fc_norm.weight"), (.original, "head_drop.x"),
            (.transformers4, "classifier.weight"), (.transformers4, "vit.pooler.dense.weight"),
            (.transformers4, "optimizer.exp_avg"), (.transformers5Memory, "vit.embeddings.mask_token"),
            (.transformers4, "vit.embeddings.position_ids"), (.original, "logit_scale"),
            (.transformers5Memory, "teacher.blocks.0.ls1.gamma"),
        ])
    func listsATensorOutside(dialect: ParameterDialect, key: String) throws {
        let entries = try bench.entries(dialect) + [(key, StateDictBench.filler())]
        let checkpoint = try bench.open(StateDictBench.dictionary(entries))
        #expect(try checkpoint.fingerprints().sha256 == bench.golden.fingerprints().sha256)
        #expect(checkpoint.findings.contains { $0.code == .unexpectedKeys && $0.message.contains(key) })
    }

    @Test(
        "a parameter in a form that is not read is refused with that form and what mends it",
        arguments: [
            ("_rebuild_sparse_tensor", "to_dense"), ("_rebuild_qtensor", "dequantize"),
            ("_rebuild_meta_tensor_no_storage", "meta device"),
        ])
    func refusesAnUnreadTensor(function: String, remedy: String) throws {
        var entries = try bench.entries(.transformers5Memory)
        let position = try #require(entries.firstIndex { $0.key == "vit.layers.1.mlp.fc1.weight" })
        entries[position].value = .call(PickleGlobal(module: "torch._utils", name: function), [.int(1)])
        let error = bench.refusal(of: StateDictBench.dictionary(entries))
        #expect(error?.place == "tensor vit.layers.1.mlp.fc1.weight")
        #expect(error?.message.contains(function) == true)
        #expect(error?.message.contains(remedy) == true, "\(String(describing: error))")
    }

    @Test("a configuration of fewer blocks or without biases does not make parameters disappear")
    func refusesTensorsBeyondTheConfiguration() throws {
        let hub = try HubCopy(of: "hub4")
        let text = try hub.text("config.json")
        for (right, wrong, place) in [
            ("\"num_hidden_layers\": 2", "\"num_hidden_layers\": 1", "vit.encoder.layer.1."),
            ("\"qkv_bias\": true", "\"qkv_bias\": false", "query.bias"),
        ] {
            try hub.write("other.json", text.replacing(right, with: wrong))
            let error = bench.refusal(
                of: StateDictBench.dictionary(try bench.entries()), configuration: hub.path + "/other.json")
            #expect(error?.code == .contradiction)
            #expect(error?.message.contains(place) == true, "\(String(describing: error))")
        }
    }
}
