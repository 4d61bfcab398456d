/// Worker to coordinator: what became of a shard.
public struct ShardResult: Sendable, Equatable {
    /// The two ways a shard ends.
    public enum Outcome: Sendable, Equatable {
        case completed(Completed)
        case failed(Failed)
    }

    /// The lease under which the shard was computed.
    public var lease: LeaseReference
    /// The shard.
    public var shard: UInt64
    /// What became of it.
    public var outcome: Outcome

    /// The end of a shard.
    public init(lease: LeaseReference, shard: UInt64, outcome: Outcome) {
        self.lease = lease
        self.shard = shard
        self.outcome = outcome
    }
}

/// Why a shard could not be computed.
public struct Failed: Sendable, Equatable {
    /// Whose fault a failure is: another node would fail the same way, or would not.
    public enum Fault: UInt32, Sendable, CaseIterable {
        /// The checkpoint or the job: it fails everywhere.
        case input = 1
        /// This machine: another may succeed.
        case node = 2
        /// A mistake of ours.
        case `internal` = 3
    }

    /// The error's code, for programs.
    public var code: String
    /// What is wrong, for people.
    public var message: String
    /// What to do about it.
    public var remedy: String
    /// Whose fault it is.
    public var fault: Fault

    /// A failure.
    public init(code: String, message: String, remedy: String, fault: Fault) {
        self.code = code
        self.message = message
        self.remedy = remedy
        self.fault = fault
    }
}

/// Coordinator to worker: these results are stored; forget them.
public struct Accepted: Sendable, Equatable {
    /// The leases under which the shards were computed.
    public var leases: [LeaseReference]

    /// Acknowledges results.
    public init(leases: [LeaseReference]) { self.leases = leases }
}
