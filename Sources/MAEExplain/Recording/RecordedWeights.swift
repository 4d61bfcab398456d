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
    /// The canonical names of query, key and value by the name of the tensor that holds them in one.
    let fused: [String: [String]]
    /// dtypes that occur, sorted.
    let dtypes: [String]
    /// The names of what the encoder computes with, adapters in it among them; of what is no ViT-MAE, all.
    let ofEncoder: Set<String>

    /// The weights of a recorded model.
    init(_ model: Recording.Model) {
        let canonical = CanonicalNames(keys: model.weights.map(\.name))
        var byName: [String: Weight] = [:]
        var names: [String] = []
        var fused: [String: [String]] = [:]
        for weight in model.weights {
            let name = Self.name(of: weight.name, canonical)
            fused[name] = canonical.parts(of: weight.name)
            if byName[name] == nil { names.append(name) }
            byName[name] = Weight(shape: weight.shape, sha256: weight.sha256)
        }
        (self.byName, self.names, self.fused) = (byName, names, fused)
        dtypes = Set(model.weights.map(\.dtype)).sorted()
        let encoders = model.modules.filter { $0.role == .encoder }.map { $0.path.isEmpty ? "" : $0.path + "." }
        ofEncoder = Set(
            model.weights.compactMap { weight in
                let name = Self.name(of: weight.name, canonical)
                let isInside = encoders.isEmpty || encoders.contains { weight.name.hasPrefix($0) }
                return isInside && !name.hasPrefix("decoder.") ? name : nil
            })
    }

    /// What a weight is called: a tensor that holds query, key and value in one like its query, with `qkv` in its place.
    private static func name(of key: String, _ canonical: CanonicalNames) -> String {
        canonical[key] ?? canonical.parts(of: key)?.first?.replacing(".query.", with: ".qkv.") ?? key
    }

    /// The weights of a checkpoint in some form, in the order given; they are read as fp32, so no dtype is told.
    init(_ weights: [(name: String, weight: Weight)]) {
        byName = Dictionary(weights.map { ($0.name, $0.weight) }) { first, _ in first }
        names = weights.map(\.name)
        (fused, dtypes) = ([:], [])
        ofEncoder = Set(names.filter(CanonicalNames.isOfEncoder))
    }

    /// The type of half precision that all weights have; nil where one has another.
    var halfPrecision: HalfPrecision? { dtypes.count == 1 ? HalfPrecision(rawValue: dtypes[0]) : nil }

    /// Whether each weight has a digest.
    var isKnown: Bool { byName.values.allSatisfy { $0.sha256 != nil } }

    /// What two sets of weights say of each other.
    struct Difference: Sendable, Hashable {
        /// Tensors of both whose digests or shapes differ, in the order of the left side.
        let differing: [String]
        /// Number of tensors that both have.
        let shared: Int
        /// Tensors that only one side has.
        let onlyLeft: [String], onlyRight: [String]
        /// Those of them that the encoder computes with, such as an adapter's.
        let oneSidedOfEncoder: [String]
        /// Tensors of both of which one side has no digest: whether they are equal is not known.
        let unknown: [String]
        /// Whether no tensor of two dimensions or more is equal: so it is where one side was rounded to fewer bits.
        let allMatricesDiffer: Bool

        /// Whether everything that both have is the same, and both have something.
        var isEqual: Bool { differing.isEmpty && shared > 0 && unknown.isEmpty }
        /// Whether all that both have is equal, and the encoder of neither has more.
        var hasWeightsOfEncoder: Bool { isEqual && oneSidedOfEncoder.isEmpty }
        /// Whether the encoder's weights are known to be the same, none missing on either side.
        var isEncoderEqual: Bool { shared > 0 && unknown.isEmpty && !touchesEncoder && oneSidedOfEncoder.isEmpty }
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
        var unknown: [String] = []
        var (shared, equalMatrices) = (0, 0)
        for name in names {
            guard let mine = byName[name], let theirs = other.byName[name] else { continue }
            if mine.shape != theirs.shape {
                shared += 1
                differing.append(name)
            } else if let digest = mine.sha256, let otherDigest = theirs.sha256 {
                shared += 1
                if digest != otherDigest {
                    differing.append(name)
                } else if mine.shape.count > 1 {
                    equalMatrices += 1
                }
            } else {
                unknown.append(name)
            }
        }
        // By digests, query, key and value in one are neither equal to the three of the other side nor other ones.
        let (mine, theirs) = (fusedElsewhere(other), other.fusedElsewhere(self))
        unknown += (mine + theirs).flatMap(\.parts)
        let apart = Set((mine + theirs).flatMap { [$0.name] + $0.parts })
        let (onlyLeft, onlyRight) = (
            names.filter { other.byName[$0] == nil && !apart.contains($0) },
            other.names.filter { byName[$0] == nil && !apart.contains($0) }
        )
        return Difference(
            differing: differing, shared: shared, onlyLeft: onlyLeft, onlyRight: onlyRight,
            oneSidedOfEncoder: onlyLeft.filter(ofEncoder.contains) + onlyRight.filter(other.ofEncoder.contains),
            unknown: unknown, allMatricesDiffer: !differing.isEmpty && equalMatrices == 0)
    }

    /// Tensors with query, key and value in one that the other side has as three.
    private func fusedElsewhere(_ other: RecordedWeights) -> [(name: String, parts: [String])] {
        names.compactMap { name in
            guard other.byName[name] == nil, let parts = fused[name], parts.allSatisfy({ other.byName[$0] != nil })
            else { return nil }
            return (name, parts)
        }
    }
}
