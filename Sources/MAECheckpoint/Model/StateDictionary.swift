import MAEFormats

/// Tensors by name inside a file of torch.save: the root, or what a trainer stored anywhere in it.
struct StateDictionary {
    /// The tensors, in the order of the file.
    let entries: [RawCheckpoint.Entry]
    /// What may be tensors in a form that is not read.
    let unread: [RawCheckpoint.Unread]

    /// The models among all dictionaries and lists of tensors, wherever they are, in the order of the file.
    ///
    /// Lightning stores one under `state_dict`, facebookresearch/mae under `model`, others in dictionaries, tuples and lists
    /// of any depth.
    static func candidates(in root: PickleValue) -> [ModelCandidate] {
        var candidates: [ModelCandidate] = []
        root.walk(includesSettings: false) { visit in
            let dictionary: StateDictionary? =
                switch visit.value {
                case .dictionary(let dictionary): StateDictionary(pairs: dictionary)
                case .object(let object): StateDictionary(pairs: object.entries)
                case .list(let elements), .tuple(let elements): StateDictionary(list: elements)
                default: nil
                }
            if let dictionary {
                candidates += ModelCandidate.split(
                    way: visit.path.names, entries: dictionary.entries, unread: dictionary.unread)
            }
            return true
        }
        return candidates
    }

    /// Throws ``CheckpointError/Code/unsupportedFormat`` when `root` is no dictionary at all.
    static func requireDictionary(_ root: PickleValue, path: String) throws(CheckpointError) {
        _ = try StateDictionary(root: root, path: path)
    }

    /// The tensors of the root itself.
    init(root: PickleValue, path: String) throws(CheckpointError) {
        guard let dictionary = root.dictionary else {
            throw CheckpointError(
                .unsupportedFormat, path: path,
                "holds \(root.kind), not a dictionary of tensors. Save model.state_dict(), or the whole model.")
        }
        self.init(dictionary.lazy.map { ($0.key, $0.value) })
    }

    /// Nil when no key looks like that of a parameter: such as the state of an optimizer, of which there may be millions.
    private init?(pairs: PickleDictionary) {
        guard pairs.holdsTensorsOrObjects else { return nil }
        let isNamed = pairs.contains { key, value in
            guard let key = key.string else { return false }
            switch value {
            case .tensor, .object: return key.contains(".") || RecognizedKey(key[...]) != nil
            default: return false
            }
        }
        guard isNamed else { return nil }
        self.init(pairs.lazy.map { ($0.key, $0.value) })
    }

    /// Names and tensors in pairs, as `list(model.named_parameters())` gives them; nil for any other list.
    private init?(list: PickleSequence) {
        func pair(_ value: PickleValue) -> (PickleValue, PickleValue)? {
            guard let parts = value.sequence, parts.count == 2, case .string = parts[0] else { return nil }
            return (parts[0], parts[1])
        }
        guard let first = list.first, pair(first)?.1.tensor != nil else { return nil }
        self.init(list.lazy.compactMap(pair))
    }

    private init(_ pairs: some Sequence<(PickleValue, PickleValue)>) {
        var entries: [RawCheckpoint.Entry] = []
        var unread: [RawCheckpoint.Unread] = []
        for (key, value) in pairs {
            guard let key = key.string else { continue }
            if let tensor = value.tensor {
                entries.append(.init(key: key, tensor: tensor.tensor, storageKey: tensor.storageKey))
            } else if let tensor = RawCheckpoint.Unread(key: key, value: value) {
                unread.append(tensor)
            }
        }
        self.entries = entries
        self.unread = unread
    }
}

extension [PicklePathStep] {
    /// The names on the way: `state_dict`, `teacher`; `callbacks`, `0`, `ema`.
    var names: [String] {
        compactMap { step in
            switch step {
            case .key(let name), .attribute(let name): name
            case .element(let index): String(index)
            case .number(let key): String(key)
            case .entry(let position): "(entry \(position))"
            case .part: nil
            }
        }
    }
}
