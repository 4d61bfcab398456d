/// Batches that a run draws from a seed of its own and compares as it compares those that every run has.
///
/// A node that answers from memory gives the right answers to the same seeds for ever; to these it cannot.
public struct RotatingBatches: Sendable, Hashable {
    /// How many there are.
    public var count: Int
    /// Seed of the first; the `i`-th after it uses `seed + i`.
    public var seed: UInt64

    /// Most batches of a run: seeds that are made of days are so far apart.
    public static let most = 1000

    /// Names batches.
    public init(count: Int, seed: UInt64) {
        self.count = count
        self.seed = seed
    }
}
