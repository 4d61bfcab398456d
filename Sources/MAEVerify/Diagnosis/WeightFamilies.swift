import MAETensor

/// Parameters parted by what they come from: an original and all copies of it in half precision are one family.
///
/// Copies say nothing against their original, however many there are.
struct WeightFamilies {
    /// The copies by their digest; where one could come from several, from one that is no copy itself.
    private let copies: [SHA256Digest: HalfPrecisionCopy]

    /// Takes the copies whose two sides are both among `present`.
    init(_ copies: [HalfPrecisionCopy], among present: Set<SHA256Digest>) {
        let held = copies.filter {
            $0.original != $0.digest && present.contains($0.original) && present.contains($0.digest)
        }
        let digests = Set(held.map(\.digest))
        // Those of originals come first, so that they are the ones that stay.
        let ordered = held.filter { !digests.contains($0.original) } + held.filter { digests.contains($0.original) }
        self.copies = Dictionary(ordered.map { ($0.digest, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// What the parameters of this digest are a copy of; nil for an original.
    func copy(_ digest: SHA256Digest) -> HalfPrecisionCopy? { copies[digest] }

    /// The digest of the original that the parameters of this digest come from: its own for an original.
    func original(of digest: SHA256Digest) -> SHA256Digest {
        var digest = digest
        // A copy of a copy takes two steps; no chain is longer than the number of copies.
        for _ in 0..<copies.count {
            guard let copy = copies[digest] else { break }
            digest = copy.original
        }
        return digest
    }

    /// The cell that has the original of a cell's copy, and the output that most such cells have; nil when the cell's
    /// parameters are no copy or `split` has no cell with the original.
    func outvotedOriginal(of cell: Int, in split: Split, _ cells: [Observation]) -> Int? {
        let digest = cells[cell].weights.digest
        guard copy(digest) != nil else { return nil }
        let original = original(of: digest)
        // The largest side comes first.
        return split.sides.joined().first { cells[$0].weights.digest == original }
    }
}
