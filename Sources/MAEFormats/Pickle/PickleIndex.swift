/// Where the entries of a dictionary are by their keys: a hash table of positions with linear probing.
///
/// The keys stay in the heap. A table of copies would take more than all else of a dictionary with a million names.
package struct PickleIndex: Sendable {
    /// Positions of entries; a power of two of them, of which a quarter at least is ``vacant``.
    private var buckets: [Int] = []

    private static let vacant = -1
    private static let leastBuckets = 32

    /// Whether no entry was added: a dictionary with few is looked through instead.
    var isEmpty: Bool { buckets.isEmpty }

    /// The position of the entry with a hash that `isSame` is true for; nil when there is none.
    func position(hash: Int, where isSame: (Int) -> Bool) -> Int? {
        guard !isEmpty else { return nil }
        let found = buckets[bucket(hash: hash, where: isSame)]
        return found == Self.vacant ? nil : found
    }

    /// Adds the entry at `position`, and to an empty table all before it; `hash` gives the hash of the key at any position.
    mutating func append(_ position: Int, hash: (Int) -> Int) {
        if 4 * (position + 1) > 3 * buckets.count {
            buckets = Array(repeating: Self.vacant, count: max(Self.leastBuckets, 2 * buckets.count))
            for earlier in 0..<position { insert(earlier, hash: hash(earlier)) }
        }
        insert(position, hash: hash(position))
    }

    private mutating func insert(_ position: Int, hash: Int) {
        buckets[bucket(hash: hash) { _ in false }] = position
    }

    /// The bucket with such an entry, or the vacant one where it would be.
    private func bucket(hash: Int, where isSame: (Int) -> Bool) -> Int {
        let mask = buckets.count - 1
        var bucket = hash & mask
        while buckets[bucket] != Self.vacant, !isSame(buckets[bucket]) { bucket = (bucket + 1) & mask }
        return bucket
    }
}
