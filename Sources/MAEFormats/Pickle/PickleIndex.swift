/// Where the entries of a dictionary are by their keys: a hash table of positions with linear probing.
///
/// The keys stay in the heap. A table of copies would take more than all else of a dictionary with a million names. A part
/// of each key's hash stands next to its position: other keys are then hardly ever looked at, and none when the table grows.
package struct PickleIndex: Sendable {
    /// One more than a position in the low bits and a part of the hash above; 0 where there is no entry.
    ///
    /// A power of two of them, of which a quarter at least is vacant.
    private var buckets: [UInt64] = []

    private static let vacant: UInt64 = 0
    private static let leastBuckets = 32
    /// No file has so many entries: each takes a byte.
    private static let positionBits = 34
    private static let positionMask: UInt64 = 1 << positionBits - 1

    /// Whether no entry was added: a dictionary with few is looked through instead.
    var isEmpty: Bool { buckets.isEmpty }

    /// The position of the entry with a hash that `isSame` is true for; nil when there is none.
    func position(hash: Int, where isSame: (Int) -> Bool) -> Int? {
        guard !isEmpty else { return nil }
        let part = Self.part(of: hash)
        var bucket = bucket(of: part)
        while buckets[bucket] != Self.vacant {
            let position = Int(buckets[bucket] & Self.positionMask) - 1
            if buckets[bucket] >> Self.positionBits == part, isSame(position) { return position }
            bucket = next(bucket)
        }
        return nil
    }

    /// Adds the entry at `position`, and to an empty table all before it; `hash` gives the hash of the key at any position.
    mutating func append(_ position: Int, hash: (Int) -> Int) {
        if buckets.isEmpty {
            buckets = Array(repeating: Self.vacant, count: Self.leastBuckets)
            for earlier in 0..<position { append(earlier, hash: hash) }
        }
        if 4 * (position + 1) > 3 * buckets.count {
            let earlier = buckets
            buckets = Array(repeating: Self.vacant, count: 2 * buckets.count)
            for entry in earlier where entry != Self.vacant { insert(entry) }
        }
        insert(Self.part(of: hash(position)) << Self.positionBits | UInt64(position + 1))
    }

    private mutating func insert(_ entry: UInt64) {
        var bucket = bucket(of: entry >> Self.positionBits)
        while buckets[bucket] != Self.vacant { bucket = next(bucket) }
        buckets[bucket] = entry
    }

    /// The part of a hash that is kept, which decides on the bucket too.
    private static func part(of hash: Int) -> UInt64 { UInt64(UInt(bitPattern: hash)) >> positionBits }

    private func bucket(of part: UInt64) -> Int { Int(truncatingIfNeeded: part) & (buckets.count - 1) }

    private func next(_ bucket: Int) -> Int { (bucket + 1) & (buckets.count - 1) }
}
