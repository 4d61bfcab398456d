import MAEDomain

/// How the parameters of two observations differ, by name: the encoder's first, block by block.
public struct WeightsDifference: Sendable, Equatable {
    /// Parameters that both have, with other content or another shape.
    public var changed: [String] = []
    /// Parameters that only the left one has.
    public var onlyLeft: [String] = []
    /// Parameters that only the right one has.
    public var onlyRight: [String] = []
    /// Parameters that both have.
    public var common = 0

    /// Compares the fingerprints of two nodes; nil when one has not sent them, so that only the digests can be compared.
    public init?(_ left: WeightsObservation, _ right: WeightsObservation) {
        guard let mine = left.fingerprints, let theirs = right.fingerprints else { return nil }
        let other = Dictionary(theirs.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        let names = Set(mine.map(\.name))
        for tensor in mine {
            guard let match = other[tensor.name] else {
                onlyLeft.append(tensor.name)
                continue
            }
            common += 1
            if match != tensor { changed.append(tensor.name) }
        }
        // Nodes send their lists in the order of the alphabet, where the decoder comes first.
        changed = TensorNameOrder.sorted(changed)
        onlyLeft = TensorNameOrder.sorted(onlyLeft)
        onlyRight = TensorNameOrder.sorted(theirs.map(\.name).filter { !names.contains($0) })
    }
}
