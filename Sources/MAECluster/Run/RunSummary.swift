import MAEDomain

/// What a run came to.
public struct RunSummary<Work: Sendable>: Sendable {
    /// Why it settled.
    public let ending: RunEnding
    /// Shards that lack results, by rising identifier; empty when the run is complete.
    public let missing: [Missing]
    /// Every node that took part or was expected back, by name.
    public let nodes: [NodeSummary]
    /// Expected nodes in whose place no node ever came.
    public let unfilledSlots: Int

    /// Most places without a result that are told one by one.
    public static var mostShortfalls: Int { 100_000 }

    /// Whether every shard has the results it was to have: if not, mae-coord exits with 2.
    public var isComplete: Bool { missing.isEmpty }

    /// A shard that lacks results.
    public struct Missing: Sendable {
        /// The shard.
        public let shard: Shard<Work>
        /// How many different nodes have run it.
        public let have: Int
        /// How many should have.
        public let want: Int
        /// Why there are no more: what went wrong last in each place that has no result.
        ///
        /// Empty for what is beyond ``mostShortfalls`` places.
        public let causes: [Shortfall]
    }
}

extension RunSummary: Equatable where Work: Equatable {}
extension RunSummary.Missing: Equatable where Work: Equatable {}

/// Why a run settled.
public enum RunEnding: String, Sendable, Hashable {
    /// There was nothing left to do.
    case finished
    /// The deadline came.
    case deadline
    /// It was told to drain.
    case drained
    /// It was cancelled.
    case cancelled
}

/// A place without a result.
public struct Shortfall: Sendable, Hashable {
    /// The node that was to run the shard; nil when no node ever owned the slot.
    public let node: NodeID?
    /// Why there is no result.
    public let cause: Cause
}

/// The part of one node in a run.
public struct NodeSummary: Sendable, Hashable {
    /// Its name.
    public let node: NodeID
    /// Why it is absent; nil when it is present at the end.
    public let loss: Loss?
    /// Whether it was told to drain.
    public let isDraining: Bool
    /// Shards of which it has handed in the result, those of an earlier coordinator included.
    public let results: Int
    /// Shards that were given up in its place.
    public let givenUp: Int
    /// Whether this coordinator granted it any job.
    public let wasGranted: Bool

    /// Whether it was there to the end and had nothing to run.
    public var isIdle: Bool { results == 0 && loss == nil && !isDraining && !wasGranted }
}
