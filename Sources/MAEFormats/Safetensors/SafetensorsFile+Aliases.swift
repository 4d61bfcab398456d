extension SafetensorsFile {
    /// Further names of tensors in the file: `save_model` of safetensors stores a tensor that several parameters share one
    /// time, and notes in `__metadata__` under each other name the one that was kept.
    ///
    /// Sorted by name. What else `__metadata__` holds names no tensor.
    package var aliases: [(name: String, kept: Entry)] {
        guard !metadata.isEmpty else { return [] }
        let byName = Dictionary(entries.map { ($0.name, $0) }) { first, _ in first }
        return metadata.sorted { $0.key < $1.key }.compactMap { name, kept in
            guard byName[name] == nil, let entry = byName[kept] else { return nil }
            return (name, entry)
        }
    }
}
