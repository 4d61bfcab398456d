/// What a run is to do.
public struct WorkPlan: Sendable {
    /// The number of different nodes expected (`--workers N`).
    public let workers: Int
    /// What they are to run.
    public let shards: [Shard]
    /// When the run ends, whatever is still missing then.
    public let deadline: Instant
    /// The nodes that took part under earlier coordinators of the same run, in the order in which they first joined.
    public let formerNodes: [NodeID]
    /// Results that an earlier coordinator of the same run has stored.
    public let stored: [StoredResult]
    /// The highest epoch that an earlier coordinator of the same run has granted.
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

    /// Plans a run; the last three arguments carry on a run that an earlier coordinator began (`--resume`).
    ///
    /// `workers` is at least 1, and shard identifiers are unique.
    public init(
        workers: Int, shards: [Shard], deadline: Instant, formerNodes: [NodeID] = [],
        stored: [StoredResult] = [], lastEpoch: Epoch = Epoch(rawValue: 0)
    ) {
        precondition(workers >= 1, "a run expects at least one node")
        precondition(Set(shards.map(\.id)).count == shards.count, "shard identifiers are unique")
        self.workers = workers
        self.shards = shards
        self.deadline = deadline
        self.formerNodes = formerNodes
        self.stored = stored
        self.lastEpoch = lastEpoch
    }
}
