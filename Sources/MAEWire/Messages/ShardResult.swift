import MAEDomain

/// Worker to coordinator: what became of a shard.
public struct ShardResult: Sendable, Equatable {
    /// The two ways a shard ends.
    public enum Outcome: Sendable, Equatable {
        // In a place of its own: it has dozens of strings and lists, which each copy of a message would count.
        indirect case completed(Completed)
        case failed(JobFailure)
    }

    /// The lease under which the shard was computed.
    public var lease: Lease
    /// What became of it.
    public var outcome: Outcome

    /// The end of a shard.
    public init(lease: Lease, outcome: Outcome) {
        self.lease = lease
        self.outcome = outcome
    }
}

/// Coordinator to worker: these results are stored; forget them.
public struct Accepted: Sendable, Equatable {
    /// The leases under which the shards were computed.
    public var leases: [Lease]

    /// Acknowledges results.
    public init(leases: [Lease]) { self.leases = leases }
}
