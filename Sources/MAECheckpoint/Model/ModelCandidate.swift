/// One of the models that a file holds: a dictionary of weights, a part of one behind a prefix, or a pickled module.
struct ModelCandidate {
    /// The way to it, such as `model` or `state_dict.teacher`; empty for what the file holds as a whole.
    let key: String
    let entries: [RawCheckpoint.Entry]
    let unread: [RawCheckpoint.Unread]
    /// The pickled module whose tensors they are; nil for weights alone.
    let module: PickledModule?
    /// Number of parameters of a ViT-MAE in it.
    let score: Int
    /// Whether the first block of an encoder is in it.
    let hasEncoder: Bool

    /// The models among the tensors of one place: one, or several behind prefixes of their own, as `student.` and `teacher.`.
    static func split(
        key: String, entries: [RawCheckpoint.Entry], unread: [RawCheckpoint.Unread], module: PickledModule? = nil
    ) -> [ModelCandidate] {
        let prefixes = ModelPrefixes(keys: entries.map(\.key) + unread.map(\.key))
        guard prefixes.names.count > 1 else {
            return [ModelCandidate(key: key, entries: entries, unread: unread, module: module)].filter { $0.score > 0 }
        }
        return prefixes.names.map { prefix in
            // What belongs to none of the models, such as a head, stays with each.
            func isOurs(_ key: String) -> Bool { prefixes.owner(of: key).map { $0 == prefix } ?? true }
            let name = [key, String(prefix.dropLast())].filter { !$0.isEmpty }.joined(separator: ".")
            return ModelCandidate(
                key: name, entries: entries.filter { isOurs($0.key) }, unread: unread.filter { isOurs($0.key) },
                module: module)
        }
    }

    private init(
        key: String, entries: [RawCheckpoint.Entry], unread: [RawCheckpoint.Unread], module: PickledModule?
    ) {
        self.key = key
        self.entries = entries
        self.unread = unread
        self.module = module
        let keys = entries.map(\.key) + unread.map(\.key)
        score = ParameterNaming(keys: entries.map(\.key), unreadKeys: unread.map(\.key)).score
        hasEncoder = !ModelPrefixes(keys: keys).names.isEmpty
    }

    /// The key for people.
    var title: String { key.isEmpty ? "the file's own weights" : "`\(key)`" }

    /// Whether a word of the key is that of an average over training, or of the copy that a method of training keeps.
    var isCopy: Bool {
        let words = key.lowercased().split { !$0.isLetter && !$0.isNumber }
        return words.contains { Self.copyWords.contains(String($0)) }
    }

    private static let copyWords: Set<String> = [
        "ema", "avg", "average", "averaged", "swa", "polyak", "shadow", "teacher", "momentum", "target", "old", "prev",
    ]
}

/// The prefixes in front of whole encoders among the keys of one dictionary.
struct ModelPrefixes {
    /// The prefixes without the names of wrappers, in the order of the file.
    let names: [String]

    /// A model has at least this part of the parameters of the largest one.
    private static let leastShare = 4

    init(keys: [String]) {
        var counts: [String: Int] = [:]
        var order: [String] = []
        var encoders: Set<String> = []
        let firstBlock = ParameterLayout.encoderLayerPrefix(0)
        for key in keys {
            guard let (prefix, recognized) = ParameterNaming.recognize(key) else { continue }
            if counts.updateValue((counts[prefix] ?? 0) + 1, forKey: prefix) == nil { order.append(prefix) }
            if recognized.canonical.contains(where: { $0.hasPrefix(firstBlock) }) { encoders.insert(prefix) }
        }
        let most = encoders.compactMap { counts[$0] }.max() ?? 0
        names = order.filter { encoders.contains($0) && (counts[$0] ?? 0) * Self.leastShare >= most }
    }

    /// The longest of the prefixes that a key has; nil for a key of no model.
    func owner(of key: String) -> String? {
        let plain = WrappedKey.plain(key[...])
        return names.filter { plain.hasPrefix($0) }.max { $0.utf8.count < $1.utf8.count }
    }
}
