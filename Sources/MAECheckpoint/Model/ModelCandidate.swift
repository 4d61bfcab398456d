/// One of the models that a file holds: a dictionary of weights, a part of one behind a prefix, or a pickled module.
struct ModelCandidate {
    /// Where a model is stored.
    struct Place {
        /// The names on each way to it, such as `state_dict` and `teacher`; the first is the one it is called by.
        var names: [[String]]
        /// Whether a pickled module keeps it and does not register it as its own.
        var isKept = false

        /// What a file holds as a whole.
        static let root = Place(names: [[]])

        /// The same place behind a prefix, such as `teacher.`.
        fileprivate func behind(_ prefix: String) -> Place {
            let words = prefix.split(separator: ".").map(String.init)
            return Place(names: names.map { $0 + words }, isKept: isKept)
        }
    }

    private(set) var place: Place
    /// What stands in front of its keys in a dictionary or module that holds several, such as `teacher.`.
    let prefix: String
    let entries: [RawCheckpoint.Entry]
    let unread: [RawCheckpoint.Unread]
    /// The pickled module whose tensors they are; nil for weights alone.
    let module: PickledModule?
    /// Number of parameters of a ViT-MAE in it.
    let score: Int
    /// Whether the first block of an encoder is in it.
    let hasEncoder: Bool

    /// The names on the way to it; none for what the file holds as a whole.
    var way: [String] { place.names.first ?? [] }

    /// The way as one name, such as `state_dict.teacher`.
    var key: String { way.joined(separator: ".") }

    /// Its other names, where one object is stored under several.
    var otherKeys: [String] { place.names.dropFirst().map { $0.joined(separator: ".") } }

    /// The method that reads it.
    var method: LoadingChoice { module == nil ? .stateDict : .full }

    /// The same model, called by `key`; nil when that is none of its names.
    func named(_ key: String) -> ModelCandidate? {
        // As Python compares: two spellings of one accent are two names.
        let names = place.names
        guard let index = names.firstIndex(where: { $0.joined(separator: ".").utf8.elementsEqual(key.utf8) }) else {
            return nil
        }
        var copy = self
        copy.place.names = [names[index]] + names[..<index] + names[(index + 1)...]
        return copy
    }

    /// The models among the tensors of one place: one, or several behind prefixes of their own, as `student.` and `teacher.`.
    static func split(
        _ place: Place, entries: [RawCheckpoint.Entry], unread: [RawCheckpoint.Unread], module: PickledModule? = nil
    ) -> [ModelCandidate] {
        let prefixes = ModelPrefixes(keys: entries.map(\.key) + unread.map(\.key))
        guard prefixes.names.count > 1 else {
            let whole = ModelCandidate(
                place, prefix: "", entries: entries, unread: unread, module: module,
                hasEncoder: !prefixes.names.isEmpty)
            return whole.score > 0 ? [whole] : []
        }
        let entryParts = Dictionary(grouping: entries) { prefixes.owner(of: $0.key) }
        let unreadParts = Dictionary(grouping: unread) { prefixes.owner(of: $0.key) }
        return prefixes.names.map { prefix in
            // What belongs to none of the models, such as a head, stays with each.
            ModelCandidate(
                place.behind(prefix), prefix: prefix,
                entries: (entryParts[prefix] ?? []) + (entryParts[nil] ?? []),
                unread: (unreadParts[prefix] ?? []) + (unreadParts[nil] ?? []), module: module, hasEncoder: true)
        }
    }

    private init(
        _ place: Place, prefix: String, entries: [RawCheckpoint.Entry], unread: [RawCheckpoint.Unread],
        module: PickledModule?, hasEncoder: Bool
    ) {
        self.place = place
        // Of several names, one that is not that of a copy says what it is.
        if let original = place.names.firstIndex(where: { !Self.isCopy($0) }) {
            self.place.names.insert(self.place.names.remove(at: original), at: 0)
        }
        self.prefix = prefix
        self.entries = entries
        self.unread = unread
        self.module = module
        self.hasEncoder = hasEncoder
        score = ParameterNaming(keys: entries.map(\.key), unreadKeys: unread.map(\.key)).score
    }

    /// Whether a word on the way is that of an average over training, of a copy that a method of training keeps, or of an
    /// optimizer's state.
    var isCopy: Bool { Self.isCopy(way) }

    /// Whether it is taken only when there is no other one.
    var comesLast: Bool { isCopy || place.isKept }

    /// Whether one of these names has such a word.
    static func isCopy(_ names: [String]) -> Bool {
        names.contains { name in
            name.lowercased().split { !$0.isLetter && !$0.isNumber }.contains { copyWords.contains(String($0)) }
        }
    }

    private static let copyWords: Set<String> = [
        "ema", "avg", "average", "averaged", "swa", "polyak", "shadow", "teacher", "momentum", "target", "old", "prev",
        "optim", "optimizer", "optimizers", "grad", "grads", "gradient", "gradients", "velocity", "fisher",
    ]
}

/// The prefixes in front of whole encoders among the keys of one dictionary.
struct ModelPrefixes {
    /// The prefixes without the names of wrappers, in the order of the file.
    let names: [String]
    private let known: Set<String>

    /// Most models that one dictionary is taken to hold.
    private static let mostModels = 64
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
        names = Array(
            order.filter { encoders.contains($0) && (counts[$0] ?? 0) * Self.leastShare >= most }
                .prefix(Self.mostModels))
        known = Set(names)
    }

    /// The longest of the prefixes that a key has; nil for a key of no model.
    func owner(of key: String) -> String? {
        let plain = WrappedKey.plain(key[...])
        var end = plain.endIndex
        while let point = plain[..<end].lastIndex(of: ".") {
            let prefix = plain[...point]
            if known.contains(String(prefix)) { return String(prefix) }
            end = point
        }
        return known.contains("") ? "" : nil
    }
}
