import MAECheckpoint
import MAETensor

/// A form in which a program may hold the weights of a checkpoint: then they have other digests than the file's.
struct WeightsForm: Hashable {
    /// The canonical names of query, key and value by the name of the tensor that holds them in one, as facebookresearch/mae has them.
    let fused: [String: [String]]
    /// The type of half precision that all were rounded to.
    let rounding: HalfPrecision?

    /// Most forms in which a checkpoint is read: recordings in further ones are compared with no checkpoint.
    static let most = 8

    /// The digests that the weights of a checkpoint have in this form.
    ///
    /// - Throws: ``CheckpointError`` for weights that cannot be read.
    func digests(of checkpoint: ModelCheckpoint, _ fingerprints: WeightsFingerprints) throws -> RecordedWeights {
        let shapes = Dictionary(fingerprints.entries.map { ($0.name, $0.shape) }) { first, _ in first }
        // What the checkpoint has not whole stays as it is.
        let joined = fused.filter { $0.value.allSatisfy { shapes[$0] != nil } }
        let parts = Set(joined.values.joined())
        var weights: [(name: String, weight: RecordedWeights.Weight)] = []
        for entry in fingerprints.entries where !parts.contains(entry.name) {
            let digest = rounding == nil ? entry.sha256 : try digest(of: [entry.name], in: checkpoint)
            weights.append((entry.name, RecordedWeights.Weight(shape: entry.shape, sha256: digest)))
        }
        for (name, parts) in joined.sorted(by: { $0.key < $1.key }) {
            let extents = parts.compactMap { shapes[$0] }
            let shape = [extents.reduce(0) { $0 + ($1.first ?? 1) }] + (extents.first ?? []).dropFirst()
            weights.append((name, RecordedWeights.Weight(shape: shape, sha256: try digest(of: parts, in: checkpoint))))
        }
        return RecordedWeights(weights)
    }

    /// The digest of some weights one after the other, rounded where that is the form.
    private func digest(of names: [String], in checkpoint: ModelCheckpoint) throws -> SHA256Digest {
        var hasher = SHA256Hasher()
        for name in names {
            try checkpoint.read(name) { tensor in
                guard let rounding else {
                    tensor.update(&hasher)
                    return
                }
                let rounded = tensor.withUnsafeElements { $0.map(rounding.rounded) }
                Tensor(shape: tensor.shape, elements: rounded).update(&hasher)
            }
        }
        return hasher.finalize()
    }
}
