/// What a tensor that no ViT-MAE has says about the model it belongs to.
struct ForeignArchitecture: Hashable {
    /// The architecture or tool in a few words, with programs that have it.
    let name: String
    /// What a person can do about it.
    let remedy: String

    /// Judges a key by the words in it; the first that fits counts.
    ///
    /// `others` are the keys that it is found with.
    init(of key: String, among others: Set<String> = []) {
        // spectral_norm calls its original as pruning does, and has the vectors of its power iteration with it.
        let vector = key.hasSuffix("_orig") ? key.dropLast("_orig".count) + "_u" : nil
        let words = (vector.flatMap { others.contains(String($0)) ? String($0) : nil } ?? key).lowercased()
        self = Self.known.first { marks, _ in marks.contains(where: words.contains) }?.architecture ?? Self.unknown
    }

    private init(_ name: String, _ remedy: String = Self.otherModel) {
        self.name = name
        self.remedy = remedy
    }

    private static let otherModel =
        "Compute this model with the program it was trained with; if that program does not use these tensors, save the "
        + "state dict without them."
    private static let quantization =
        "Save the model as it was before quantization, or after dequantizing it (transformers: model.dequantize())."

    private static let unknown = ForeignArchitecture("not known in any ViT-MAE")

    private static let known: [(marks: [String], architecture: ForeignArchitecture)] = [
        (
            ["lora_", "adapter", "modules_to_save", "ia3_", "hada_w", "lokr_w", "oft_"],
            ForeignArchitecture(
                "LoRA or another adapter (PEFT)",
                "Merge it into the model with PEFT's merge_and_unload() and save that.")
        ),
        (
            [
                ".scb", "weight_format", "absmax", "quant_map", "quant_state", "qweight", "qzeros", "g_idx",
                "weight_scale", "input_scale", "_packed_params", "zero_point", ".scale", "weight_zp",
            ],
            ForeignArchitecture("quantized weights (bitsandbytes, GPTQ, AWQ, torch.ao)", quantization)
        ),
        (
            ["parametrizations.", "weight_g", "weight_v", "weight_u"],
            ForeignArchitecture(
                "parametrized weights (weight_norm, spectral_norm, torch.nn.utils.parametrize)",
                "Make them plain with torch.nn.utils.parametrize.remove_parametrizations, or remove_weight_norm and "
                    + "remove_spectral_norm for the older kind, and save its state dict.")
        ),
        (
            ["weight_orig", "weight_mask", "bias_orig", "bias_mask"],
            ForeignArchitecture(
                "pruned weights (torch.nn.utils.prune)",
                "Make them plain with torch.nn.utils.prune.remove(module, 'weight') and save the model again.")
        ),
        (
            ["flat_param", "_fpw_module"],
            ForeignArchitecture(
                "sharded weights (FSDP)",
                "Save the state dict inside FSDP.state_dict_type(model, StateDictType.FULL_STATE_DICT).")
        ),
        (
            ["relative_position", "rel_pos", "bias_table"],
            ForeignArchitecture("relative positions (BEiT, Swin, SAM, ViTDet, MViT)")
        ),
        (["rope", "rotary", "freqs_cis"], ForeignArchitecture("rotary positions (EVA-02, DINOv3, V-JEPA 2)")),
        (
            ["register", "reg_token", "storage_token"],
            ForeignArchitecture("register tokens (DINOv2 with registers, DINOv3)")
        ),
        (["dist_token", "distillation_token"], ForeignArchitecture("a distillation token (DeiT)")),
        (["prompt"], ForeignArchitecture("prompt tokens (VPT)")),
        (
            ["q_norm", "k_norm", "q_layernorm", "k_layernorm", "query_norm", "key_norm", "norm_q", "norm_k"],
            ForeignArchitecture("norms of queries and keys (ViT-22B, timm's qk_norm)")
        ),
        (
            [".ls1", ".ls2", ".ls.", "gamma", "layer_scale", "layerscale", "lambda_1", "lambda_2", "lambda1"],
            ForeignArchitecture("LayerScale (CaiT, BEiT, DINOv2, timm's init_values)")
        ),
        (
            ["q_bias", "k_bias", "v_bias", "bias_mask"],
            ForeignArchitecture("split attention biases (BEiT, EVA, VideoMAE)")
        ),
        (
            ["q_proj", "k_proj", "v_proj", "in_proj", "to_q", "to_kv"],
            ForeignArchitecture("attention with projections of its own (CLIP, EVA-02, torch.nn.MultiheadAttention)")
        ),
        (
            ["w12", ".w1.", ".w2.", ".w3.", "fc1_g", "fc1_x", "gate"],
            ForeignArchitecture("a gated MLP (SwiGLU; DINOv2, EVA-02)")
        ),
        (["expert", "router"], ForeignArchitecture("a mixture of experts")),
        (
            ["ln_pre", "norm_pre", "pre_norm", "pre_lay", "prenorm"],
            ForeignArchitecture("a norm before the blocks (CLIP)")
        ),
        (
            ["running_mean", "running_var", "num_batches"],
            ForeignArchitecture("batch normalization, which ViT-MAE does not have")
        ),
        (
            ["pos_embed", "position_embed", "temporal", "time_embed"],
            ForeignArchitecture("further embeddings (VideoMAE, ViViT, SatMAE)")
        ),
    ]
}
