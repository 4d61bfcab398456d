/// Tells which keys that are no parameter of a ViT-MAE nevertheless take part in what a recognized model computes.
///
/// What lies inside a recognized stack of blocks, the embeddings or a final norm takes part, whatever it is called. At the
/// top of the model, where `cls_token` is, there are heads too; a name decides there.
struct LeftOverKeys {
    /// The places whose tensors were recognized, such as `blocks.`.
    let homes: Set<String>

    /// Looks for left-over keys in the places where `recognized` keys were found.
    init(recognized: some Sequence<RecognizedKey>) {
        homes = Set(recognized.compactMap(\.home))
    }

    /// Whether a tensor of this key, without any wrapper's prefix, takes part in the computation.
    func takesPart(_ key: Substring) -> Bool {
        guard !homes.isEmpty, !Self.isHarmless(key) else { return false }
        return homes.contains { key.hasPrefix($0) } || Self.isTopLevelInput(key)
    }

    /// Tensors that transformers keeps with the embeddings and that no forward pass without a mask of its own reads.
    private static func isHarmless(_ key: Substring) -> Bool {
        guard let leaf = key.split(separator: ".").last else { return true }
        return leaf == "mask_token" || leaf == "position_ids"
    }

    /// Whether the first word of a key at the top of the model is that of an input to the blocks.
    private static func isTopLevelInput(_ key: Substring) -> Bool {
        var words = key.split(separator: ".")[...]
        for wrapper in ["vit", "encoder"] where words.count > 1 && words.first == wrapper[...] { words.removeFirst() }
        guard let first = words.first?.lowercased(), !headWords.contains(where: first.hasPrefix) else { return false }
        return inputWords.contains(where: first.contains)
            || words.count == 1 && bareInputWords.contains(where: first.contains)
    }

    private static let headWords = ["decoder", "head", "classifier", "fc_norm", "pred", "pooler", "tokenizer"]

    /// Words in the names of what stands before, between or around the blocks.
    private static let inputWords = [
        "adapter", "dist_token", "embed", "ln_pre", "lora", "norm_pre", "pos_", "pre_norm", "pre_layernorm",
        "pre_layrnorm", "prenorm", "prompt", "reg_token", "register", "rel_pos", "relative_position", "rope", "rotary",
        "conv_stem", "token",
    ]

    /// Words in the names of single tensors that are added to or multiplied with what the blocks see.
    private static let bareInputWords = ["bias", "gamma", "lambda", "mean", "std"]
}
