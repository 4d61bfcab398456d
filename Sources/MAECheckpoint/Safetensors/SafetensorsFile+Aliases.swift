extension SafetensorsFile {
    /// Further names of tensors in the file: `save_model` of safetensors stores a tensor that several parameters share one
    /// time, and notes in `__metadata__` under each other name the one that was kept.
    ///
    /// Sorted by name. What else `__metadata__` holds names no tensor.
    var aliases: [(name: String, kept: Entry)] {
        guard !metadata.isEmpty else { return [] }
        let byName = Dictionary(entries.map { ($0.name, $0) }) { first, _ in first }
        return metadata.sorted { $0.key < $1.key }.compactMap { name, kept in
            guard byName[name] == nil, let entry = byName[kept] else { return nil }
            return (name, entry)
        }
    }

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
}
