/// What a key of a file means, once a wrapper's prefix is taken off it.
struct RecognizedKey: Hashable {
    /// The canonical parameters the tensor holds: one, or query, key and value when they are fused.
    let canonical: [String]
    /// The dialects that spell it so.
    let dialects: Set<ParameterDialect>
    /// The part of the model that it lies in and that holds nothing but such parameters, such as `blocks.`; nil for one at
    /// the top, where other things may stand too.
    let home: String?

    /// Recognizes a whole key; nil when it is no parameter of a ViT-MAE in any dialect.
    ///
    /// The `vit.` in front of the encoder may be absent: files of a bare `ViTMAEModel` have none.
    init?(_ key: Substring) {
        if let fixed = Self.fixedNames[String(key)] {
            self = fixed
        } else if let stack = Self.stacks.first(where: { key.hasPrefix($0.prefix) }),
            let recognized = Self.layerKey(key.dropFirst(stack.prefix.count), in: stack)
        {
            self = recognized
        } else {
            return nil
        }
    }

    private init(canonical: [String], dialects: Set<ParameterDialect>, home: String?) {
        self.canonical = canonical
        self.dialects = dialects
        self.home = home
    }

    // MARK: Outside the blocks

    private static let fixedCanonicalNames = [
        "vit.embeddings.cls_token", "vit.embeddings.position_embeddings",
        "vit.embeddings.patch_embeddings.projection.weight", "vit.embeddings.patch_embeddings.projection.bias",
        "vit.layernorm.weight", "vit.layernorm.bias", "decoder.mask_token", "decoder.decoder_pos_embed",
        "decoder.decoder_embed.weight", "decoder.decoder_embed.bias", "decoder.decoder_norm.weight",
        "decoder.decoder_norm.bias", "decoder.decoder_pred.weight", "decoder.decoder_pred.bias",
    ]

    private static let fixedNames: [String: RecognizedKey] = {
        var names: [String: RecognizedKey] = [:]
        for canonical in fixedCanonicalNames {
            let original = ParameterDialect.original.key(of: canonical)
            names[original] = RecognizedKey(
                canonical: [canonical], dialects: [.original], home: home(of: original[...]))
            var spellings = [canonical]
            if canonical.hasPrefix("vit.") { spellings.append(String(canonical.dropFirst("vit.".count))) }
            for spelling in spellings {
                names[spelling] = RecognizedKey(
                    canonical: [canonical], dialects: [.transformers4, .transformers5Disk, .transformers5Memory],
                    home: home(of: spelling[...]))
            }
        }
        return names
    }()

    /// The first module of a name, `vit.` and all; nil for a name without a module.
    private static func home(of name: Substring) -> String? {
        let inside = name.hasPrefix("vit.") ? name.dropFirst("vit.".count) : name
        return inside.firstIndex(of: ".").map { String(name[...$0]) }
    }

    // MARK: Blocks

    private struct Stack {
        let prefix: String
        let part: ParameterLayout.Part
        let dialects: [ParameterDialect]
    }

    private static let stacks = [
        Stack(prefix: "vit.encoder.layer.", part: .encoder, dialects: [.transformers4, .transformers5Disk]),
        Stack(prefix: "encoder.layer.", part: .encoder, dialects: [.transformers4, .transformers5Disk]),
        Stack(prefix: "vit.layers.", part: .encoder, dialects: [.transformers5Memory]),
        Stack(prefix: "layers.", part: .encoder, dialects: [.transformers5Memory]),
        Stack(prefix: "blocks.", part: .encoder, dialects: [.original]),
        Stack(
            prefix: "decoder.decoder_layers.", part: .decoder, dialects: [.transformers4, .transformers5Memory]),
        Stack(prefix: "decoder.decoder_encoder.layer.", part: .decoder, dialects: [.transformers5Disk]),
        Stack(prefix: "decoder_blocks.", part: .decoder, dialects: [.original]),
    ]

    /// A place in a stack of blocks.
    struct BlockPlace {
        /// What the names in the stack begin with, such as `blocks.`.
        let home: String
        let part: ParameterLayout.Part
        let index: Int
        /// What follows the number of the block.
        let rest: Substring
    }

    /// The block that a key or the name of a module points into, whatever follows; nil outside all stacks.
    static func block(of key: Substring) -> BlockPlace? {
        guard let stack = stacks.first(where: { key.hasPrefix($0.prefix) }) else { return nil }
        let inside = key.dropFirst(stack.prefix.count)
        let word = inside.prefix { $0 != "." }
        guard let index = Int(word), index >= 0 else { return nil }
        return BlockPlace(
            home: stack.prefix, part: stack.part, index: index, rest: inside.dropFirst(word.count + 1))
    }

    private static func layerKey(_ rest: Substring, in stack: Stack) -> RecognizedKey? {
        guard let point = rest.firstIndex(of: "."), let lastPoint = rest.lastIndex(of: "."), point < lastPoint,
            let index = Int(rest[..<point]), String(index) == rest[..<point],
            (0..<ViTMAEConfiguration.Limit.layers).contains(index)
        else { return nil }
        let leaf = rest[rest.index(after: lastPoint)...]
        let module = String(rest[rest.index(after: point)..<lastPoint])
        let prefix = stack.part.layerPrefix(index)
        if let projection = splitBiases[leaf] {
            let dialects = stack.dialects.filter { $0.attentionModule == module }
            guard !dialects.isEmpty else { return nil }
            return RecognizedKey(
                canonical: ["\(prefix)attention.attention.\(projection).bias"], dialects: Set(dialects),
                home: stack.prefix)
        }
        guard leaf == "weight" || leaf == "bias" else { return nil }
        var modules: [String] = []
        var dialects: Set<ParameterDialect> = []
        for dialect in stack.dialects {
            guard let found = dialect.canonicalModules[module] else { continue }
            modules = found
            dialects.insert(dialect)
        }
        guard !modules.isEmpty else { return nil }
        return RecognizedKey(
            canonical: modules.map { "\(prefix)\($0).\(leaf)" }, dialects: dialects, home: stack.prefix)
    }

    /// Biases that BEiT, EVA and VideoMAE keep as parameters of the attention itself.
    private static let splitBiases: [Substring: String] = ["q_bias": "query", "k_bias": "key", "v_bias": "value"]
}
