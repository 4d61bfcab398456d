import MAECheckpoint
import MAERecording
import MAETensor

/// The weights of a model by digest, under names that every version of transformers shares.
struct RecordedWeights: Sendable {
    /// What is known of one weight.
    struct Weight: Sendable, Hashable {
        let shape: [Int]
        let sha256: SHA256Digest?
    }

    /// The weights by canonical name, or by their own key where they are none of a ViT-MAE.
    let byName: [String: Weight]
    /// The names, in the order of the state dict.
    let names: [String]
    /// dtypes that occur, sorted.
    let dtypes: [String]

    /// The weights of a recorded model.
    init(_ model: Recording.Model) {
        let canonical = CanonicalNames(keys: model.weights.map(\.name))
        var byName: [String: Weight] = [:]
        var names: [String] = []
        for weight in model.weights {
            let name = canonical[weight.name] ?? weight.name
            if byName[name] == nil { names.append(name) }
            byName[name] = Weight(shape: weight.shape, sha256: weight.sha256)
        }
        (self.byName, self.names) = (byName, names)
        dtypes = Set(model.weights.map(\.dtype)).sorted()
    }

    /// The weights of a checkpoint; they are read as fp32, so no dtype is told.
    init(_ fingerprints: WeightsFingerprints) {
        byName = Dictionary(
            fingerprints.entries.map { ($0.name, Weight(shape: $0.shape, sha256: $0.sha256)) }
        ) { first, _ in first }
        names = fingerprints.entries.map(\.name)
        dtypes = []
    }

    /// What two sets of weights say of each other.
    struct Difference: Sendable, Hashable {
        /// Tensors of both whose digests or shapes differ, in the order of the left side.
        let differing: [String]
        /// Number of tensors that both have.
        let shared: Int
        /// Tensors that only one side has.
        let onlyLeft: [String], onlyRight: [String]

        /// Whether everything that both have is the same, and both have something.
        var isEqual: Bool { differing.isEmpty && shared > 0 }
        /// The tensors that differ and that the encoder computes with.
        var ofEncoder: [String] { differing.filter(CanonicalNames.isOfEncoder) }
        /// Whether something that differs decides what the encoder computes; of what is no ViT-MAE, all does.
        var touchesEncoder: Bool {
            !differing.isEmpty && (!ofEncoder.isEmpty || !differing.allSatisfy { $0.hasPrefix("decoder.") })
        }
    }

    /// Sets the weights against others.
    func difference(from other: RecordedWeights) -> Difference {
        var differing: [String] = []
        var shared = 0
        for name in names {
            guard let mine = byName[name], let theirs = other.byName[name] else { continue }
            if mine.shape != theirs.shape {
                shared += 1
                differing.append(name)
            } else if let digest = mine.sha256, let otherDigest = theirs.sha256 {
                shared += 1
                if digest != otherDigest { differing.append(name) }
            }
        }
        return Difference(
            differing: differing, shared: shared, onlyLeft: names.filter { other.byName[$0] == nil },
            onlyRight: other.names.filter { byName[$0] == nil })
    }
}
