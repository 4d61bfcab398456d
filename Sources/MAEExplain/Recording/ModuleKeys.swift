import MAECheckpoint
import MAERecording

/// What tells the modules of one model from each other in a way that another version of transformers, or another wrapper, shares.
struct ModuleKeys: Sendable {
    /// For each module of the model, its key.
    let keys: [String]

    init(_ model: Recording.Model) {
        let names = CanonicalNames(keys: model.modules.map { $0.path + ".weight" })
        var byPath: [String: String] = [:]
        var keys: [String] = []
        for module in model.modules {
            let key: String
            if let role = module.role {
                key = "<\(role.rawValue)>\(module.index ?? 0)"
            } else if let canonical = names[module.path + ".weight"] {
                key = String(canonical.dropLast(".weight".count))
            } else {
                key = Self.inside(byPath, module.path) ?? module.path
            }
            byPath[module.path] = key
            keys.append(key)
        }
        self.keys = keys
    }

    /// The key of the module around `path`, with what follows it.
    private static func inside(_ known: [String: String], _ path: String) -> String? {
        guard let point = path.lastIndex(of: ".") else { return nil }
        return known[String(path[..<point])].map { "\($0)/\(path[path.index(after: point)...])" }
    }
}

extension Recording.Module {
    /// What it is called in sentences: `encoder block 3`, `the final layer norm`, or its path.
    var words: String {
        switch role {
        case .encoder: "the encoder"
        case .embeddings: "the embeddings"
        case .patchProjection: "the patch projection"
        case .encoderBlock: "encoder block \(index ?? 0)"
        case .encoderNorm: "the final layer norm"
        case .decoder: "the decoder"
        case .decoderEmbedding: "the decoder's embedding"
        case .decoderBlock: "decoder block \(index ?? 0)"
        case .decoderNorm: "the decoder's layer norm"
        case .decoderPrediction: "the decoder's prediction"
        case nil: path.isEmpty ? "the whole model" : "`\(path)`"
        }
    }
}
