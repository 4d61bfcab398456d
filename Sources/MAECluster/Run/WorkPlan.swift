import MAEDomain

/// What a run is to do.
public struct WorkPlan<Work: Sendable>: Sendable {
    /// The number of different nodes expected (`--workers N`).
    public let workers: Int
    /// What they are to run.
    public let shards: [Shard<Work>]
    /// When the run ends, whatever is still missing then.
    public let deadline: Instant
    /// What an earlier coordinator of the same run left behind; nil for a new run.
    public let history: RunHistory?

    /// Plans a run; `workers` is at least 1, and shard identifiers are unique.
    public init(workers: Int, shards: [Shard<Work>], deadline: Instant, history: RunHistory? = nil) {
        precondition(workers >= 1, "a run expects at least one node")
        precondition(Set(shards.map(\.id)).count == shards.count, "shard identifiers are unique")
        self.workers = workers
        self.shards = shards
        self.deadline = deadline
        self.history = history
    }
}

/// What earlier coordinators of a run left behind (`--resume`).
public struct RunHistory: Sendable, Hashable {
    /// The nodes that took part, in the order in which they first joined.
    public let nodes: [NodeID]
    /// Results that are stored.
    public let results: [StoredResult]
    /// The highest epoch that was granted.
    public let lastEpoch: Epoch

    /// A result that need not be made again.
    public struct StoredResult: Sendable, Hashable {
        /// The shard it is the result of.
        public let shard: ShardID
        /// The node that made it.
        public let node: NodeID

        /// The result that `node` made of `shard`.
        public init(shard: ShardID, node: NodeID) {
            self.shard = shard
            self.node = node
        }
    }

    /// Describes what is left of a run.
    public init(nodes: [NodeID], results: [StoredResult], lastEpoch: Epoch) {
        self.nodes = nodes
        self.results = results
        self.lastEpoch = lastEpoch
    }
}
