/// A way in which programs name the parameters of a ViT-MAE.
public enum ParameterDialect: String, Sendable, Hashable, CaseIterable {
    /// transformers up to 4.x, in memory and on disk; the canonical names.
    case transformers4 = "transformers-4"
    /// transformers 5.x on disk: as ``transformers4``, but decoder blocks are `decoder.decoder_encoder.layer.N`.
    case transformers5Disk = "transformers-5-disk"
    /// transformers 5.x in memory, hence in its state dicts and pickles: `vit.layers.N.attention.q_proj`.
    case transformers5Memory = "transformers-5-memory"
    /// The original facebookresearch/mae: `blocks.N.attn.qkv`, with query, key and value in one matrix.
    case original = "facebookresearch-mae"

    /// The dialect in words.
    public var summary: String {
        switch self {
        case .transformers4: "names of transformers 4.x"
        case .transformers5Disk: "names of transformers 5.x hub files"
        case .transformers5Memory: "names of transformers 5.x in memory"
        case .original: "names of facebookresearch/mae"
        }
    }

    /// The key of a canonical parameter in this dialect, without any wrapper's prefix.
    ///
    /// In ``original``, the query, key and value of a block have one key: their rows follow each other in one tensor.
    public func key(of canonical: String) -> String {
        if let layer = LayerName(canonical: canonical) {
            return "\(stackPrefix(of: layer.part))\(layer.index).\(moduleName(of: layer.module)).\(layer.leaf)"
        }
        guard self == .original else { return canonical }
        for (ours, theirs) in Self.originalNames where canonical.hasPrefix(ours) {
            return theirs + canonical.dropFirst(ours.count)
        }
        return String(canonical.dropFirst(canonical.hasPrefix("decoder.") ? "decoder.".count : 0))
    }

    private func stackPrefix(of part: ParameterLayout.Part) -> String {
        switch (self, part) {
        case (.transformers4, .encoder), (.transformers5Disk, .encoder): "vit.encoder.layer."
        case (.transformers5Memory, .encoder): "vit.layers."
        case (.original, .encoder): "blocks."
        case (.transformers4, .decoder), (.transformers5Memory, .decoder): "decoder.decoder_layers."
        case (.transformers5Disk, .decoder): "decoder.decoder_encoder.layer."
        case (.original, .decoder): "decoder_blocks."
        }
    }

    /// Names outside the blocks that the original file spells otherwise.
    private static let originalNames = [
        ("vit.embeddings.cls_token", "cls_token"),
        ("vit.embeddings.position_embeddings", "pos_embed"),
        ("vit.embeddings.patch_embeddings.projection", "patch_embed.proj"),
        ("vit.layernorm", "norm"),
    ]
}

/// The canonical name of a block's parameter, taken apart.
struct LayerName {
    let part: ParameterLayout.Part
    let index: Int
    /// Such as `attention.output.dense`.
    let module: String
    /// `weight` or `bias`.
    let leaf: Substring

    /// Nil for a parameter outside the blocks.
    init?(canonical: String) {
        let rest: Substring
        if canonical.hasPrefix("vit.encoder.layer.") {
            part = .encoder
            rest = canonical.dropFirst("vit.encoder.layer.".count)
        } else if canonical.hasPrefix("decoder.decoder_layers.") {
            part = .decoder
            rest = canonical.dropFirst("decoder.decoder_layers.".count)
        } else {
            return nil
        }
        let words = rest.split(separator: ".", omittingEmptySubsequences: false)
        guard words.count >= 3, let index = words.first.flatMap({ Int($0) }), let leaf = words.last else { return nil }
        self.index = index
        self.leaf = leaf
        module = words[1..<words.count - 1].joined(separator: ".")
    }
}
