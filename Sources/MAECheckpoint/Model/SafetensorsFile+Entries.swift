import MAEFormats

extension SafetensorsFile {
    /// Every name with its tensor: names that share one have one storage key.
    var namedTensors: [RawCheckpoint.Entry] {
        let aliases = aliases
        let shared = Set(aliases.map(\.kept.name))
        return entries.map {
            RawCheckpoint.Entry(
                key: $0.name, tensor: $0.tensor, storageKey: shared.contains($0.name) ? $0.name : nil)
        }
            + aliases.map { RawCheckpoint.Entry(key: $0.name, tensor: $0.kept.tensor, storageKey: $0.kept.name) }
    }

    /// The tensors of element types that are not read.
    var unreadTensors: [RawCheckpoint.Unread] {
        unread.map { .init(key: $0.name, form: "elements of dtype \($0.dtype)") }
    }
}
