import MAEFormats

/// Tensors by name inside a file of torch.save: the root, or what a trainer stored anywhere in it.
struct StateDictionary {
    /// The tensors, in the order of the file.
    let entries: [RawCheckpoint.Entry]
    /// What may be tensors in a form that is not read.
    let unread: [RawCheckpoint.Unread]

    /// The tensors by name that `value` itself holds; nil when it is no dictionary or list of them.
    init?(of value: PickleValue) {
        switch value {
        case .dictionary(let dictionary): self.init(pairs: dictionary)
        case .object(let object): self.init(pairs: object.entries)
        case .list(let elements), .tuple(let elements): self.init(list: elements)
        default: return nil
        }
    }

    /// Throws ``CheckpointError/Code/unsupportedFormat``, saying why, where no weights were found inside `root` and it is no
    /// dictionary, has a list that would be one but for some of its elements, or shards of FSDP.
    static func requireDictionary(_ root: PickleValue, path: String) throws(CheckpointError) {
        if let mixed = MixedList(in: root) { throw mixed.error(path: path) }
        if let key = flatParameter(in: root) {
            throw CheckpointError(
                .unsupportedFormat, path: path, place: "tensor \(key.shortName)",
                "holds a rank's share of all weights of a module in one row: FSDP writes it by LOCAL_STATE_DICT. Save whole "
                    + "tensors, on all ranks together, inside FSDP.state_dict_type(model, StateDictType.FULL_STATE_DICT)."
            )
        }
        _ = try StateDictionary(root: root, path: path)
    }

    /// The key of a parameter into which FSDP joined those of a module; nil without one.
    private static func flatParameter(in root: PickleValue) -> String? {
        var found: String?
        root.walk { visit in
            guard found == nil else { return false }
            found = visit.value.dictionary?.lazy.compactMap(\.key.string).first { $0.hasSuffix("flat_param") }
            return found == nil
        }
        return found
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
        guard pairs.contains(where: { Self.isParameter($0.key, $0.value) }) else { return nil }
        self.init(pairs.lazy.map { ($0.key, $0.value) })
    }

    /// Names and tensors in pairs, as `list(model.state_dict().items())` gives them, with anything else that has a name among
    /// them; nil for a list that Python's `dict` would not take, and for one without parameters.
    private init?(list: PickleSequence) {
        var hasParameter = false
        for element in list {
            guard let pair = Self.pair(element) else { return nil }
            hasParameter = hasParameter || Self.isParameter(pair.key, pair.value)
        }
        guard hasParameter else { return nil }
        self.init(list.lazy.compactMap(Self.pair))
    }

    /// The two elements of a list or tuple of two.
    static func pair(_ value: PickleValue) -> (key: PickleValue, value: PickleValue)? {
        guard let parts = value.sequence, parts.count == 2 else { return nil }
        return (parts[0], parts[1])
    }

    /// Whether an entry looks like a parameter of a model.
    static func isParameter(_ key: PickleValue, _ value: PickleValue) -> Bool {
        guard let key = key.string else { return false }
        switch value {
        case .tensor, .object: return key.contains(".") || RecognizedKey(key[...]) != nil
        default: return false
        }
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
    package var names: [String] {
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
