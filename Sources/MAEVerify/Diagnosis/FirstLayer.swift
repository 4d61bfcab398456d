import MAEDomain

/// The first layer at which two observations part.
enum FirstLayer {
    /// The layer; nil when digests are missing on a side, or nothing differs.
    static func between(_ left: Observation, _ right: Observation) -> EncoderLayer? {
        guard let mine = left.layers, let theirs = right.layers, mine.states.count == theirs.states.count else {
            return nil
        }
        if let layer = mine.firstDifference(from: theirs) { return layer }
        return left.digests.layernorm == right.digests.layernorm && left.digests.pooled == right.digests.pooled
            ? nil : .finalNorm
    }

    /// Says where `left` and `right` part, as evidence; empty when it is not known.
    static func evidence(_ left: Observation, _ right: Observation) -> [String] {
        guard let layer = between(left, right) else { return [] }
        let before =
            switch layer {
            case .embeddings: "it is the first one"
            case .block(0): "the one before it agrees bit for bit"
            case .block(let index): "the \(index + 1) before it agree bit for bit"
            case .finalNorm: "all before it agree bit for bit"
            }
        return ["The first differing layer is `\(layer.name)`; \(before)."]
    }
}
