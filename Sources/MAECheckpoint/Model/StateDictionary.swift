/// A dictionary of tensors inside a file of torch.save: the root, or what a trainer stored under a key of it.
struct StateDictionary {
    /// The tensors, in the order of the file.
    let entries: [RawCheckpoint.Entry]
    /// What may be tensors in a form that is not read.
    let unread: [RawCheckpoint.Unread]

    /// Finds the dictionary with the most parameters of a ViT-MAE: the root, or one of its values.
    ///
    /// Lightning stores it under `state_dict`, facebookresearch/mae under `model`; the key does not matter here.
    static func find(in root: PickleValue, path: String) throws(CheckpointError) -> StateDictionary {
        let dictionary = try Self.dictionary(root, path: path)
        let candidates = [StateDictionary(dictionary)] + dictionary.compactMap { $0.value.dictionary.map(Self.init) }
        let best = candidates.map { (dictionary: $0, score: $0.recognizedCount) }.max { $0.score < $1.score }
        guard let best, best.score > 0 else {
            throw CheckpointError(
                .unsupportedFormat, path: path,
                "holds no parameter of a ViT-MAE under any name that is known. Name the checkpoint of a ViT-MAE.")
        }
        return best.dictionary
    }

    /// The tensors of the root itself.
    init(root: PickleValue, path: String) throws(CheckpointError) {
        self.init(try Self.dictionary(root, path: path))
    }

    private static func dictionary(_ root: PickleValue, path: String) throws(CheckpointError) -> PickleDictionary {
        guard let dictionary = root.dictionary else {
            throw CheckpointError(
                .unsupportedFormat, path: path,
                "holds \(root.kind), not a dictionary of tensors. Save model.state_dict(), or the whole model.")
        }
        return dictionary
    }

    private init(_ dictionary: PickleDictionary) {
        entries = dictionary.compactMap { key, value in
            guard let key = key.string, let tensor = value.tensor else { return nil }
            return RawCheckpoint.Entry(key: key, tensor: tensor.tensor, storageKey: tensor.storageKey)
        }
        unread = dictionary.compactMap { key, value in
            key.string.flatMap { RawCheckpoint.Unread(key: $0, value: value) }
        }
    }

    private var recognizedCount: Int {
        ParameterNaming(keys: entries.map(\.key), unreadKeys: unread.map(\.key)).score
    }
}
