/// What a run came to.
public struct RunSummary: Sendable, Hashable {
    /// Why it settled.
    public let ending: Ending
    /// Shards that lack results, by rising identifier; empty when the run is complete.
    public let missing: [Missing]
    /// Every node that took part or was expected back, by name.
    public let nodes: [Node]
    /// Expected nodes that nobody ever stood for.
    public let unfilledSlots: Int

    /// Most places without a result that are told one by one.
    public static let mostShortfalls = 100_000

    /// Whether every shard has the results it was to have: if not, mae-coord exits with 2.
    public var isComplete: Bool { missing.isEmpty }

    /// Why a run settled.
    public enum Ending: String, Sendable, Hashable {
        /// There was nothing left to do.
        case finished
        /// The deadline came.
        case deadline
        /// It was told to drain.
        case drained
        /// It was cancelled.
        case cancelled
    }

    /// A shard that lacks results.
    public struct Missing: Sendable, Hashable {
        /// The shard.
        public let shard: Shard
        /// How many different nodes have run it.
        public let have: Int
        /// How many should have.
        public let want: Int
        /// Why there are no more: what went wrong last in each place that has no result.
        ///
        /// Empty for what is beyond ``RunSummary/mostShortfalls`` places.
        public let causes: [Shortfall]
    }

    /// A place without a result.
    public struct Shortfall: Sendable, Hashable {
        /// The node that was to run it; nil when nobody stood for the slot.
        public let node: NodeID?
        /// Why it has no result.
        public let cause: Cause
    }

    /// The part of one node.
    public struct Node: Sendable, Hashable {
        /// Its name.
        public let node: NodeID
        /// Why it is absent; nil when it is present at the end.
        public let loss: Loss?
        /// Whether it was told to drain.
        public let isDraining: Bool
        /// Shards of which it has handed in the result, those of an earlier coordinator included.
        public let results: Int
        /// Shards that were set aside in its place.
        public let setAside: Int
    }
}
