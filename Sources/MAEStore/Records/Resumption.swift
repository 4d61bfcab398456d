import MAEVerify

/// What a coordinator needs to carry a run on: what is to be done, and what is done.
public struct Resumption: Sendable, Equatable {
    /// A result that is in the store.
    public struct Stored: Sendable, Hashable {
        /// Number of the shard.
        public let shard: Int
        /// Name of the node.
        public let node: String
    }

    /// What the run set out to do.
    public let plan: RunPlan
    /// Its shards, re-runs included, by number.
    public let shards: [ShardRecord]
    /// Names of the nodes that took part, in the order in which they first joined.
    public let nodes: [String]
    /// The results, by shard.
    public let stored: [Stored]
    /// How many coordinators have worked on the run, this one included: 1 for the first.
    public let start: Int
}
