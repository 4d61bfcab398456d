import Foundation
import MAEVerify

/// What happened in a run since the last call, to be recorded in one transaction.
///
/// Collecting what one turn of the coordinator's loop brought makes many results cost one wait for the disk.
public struct Changes: Sendable {
    /// Nodes that joined, or came back as something else than before.
    public var nodes: [NodeIdentity] = []
    /// Shards that were added to those the run began with.
    public var shards: [ShardRecord] = []
    /// Leases that were granted.
    public var grants: [Grant] = []
    /// Leases that ended.
    public var endings: [GrantEnding] = []
    /// Results that were accepted.
    public var results: [ResultRecord] = []

    /// Nothing happened.
    public init() {}

    /// Whether there is nothing to record.
    public var isEmpty: Bool {
        nodes.isEmpty && shards.isEmpty && grants.isEmpty && endings.isEmpty && results.isEmpty
    }
}

/// One grant of a lease.
public struct Grant: Sendable, Hashable {
    /// What is leased.
    public let lease: Int
    /// The how-many-eth grant of it this is.
    public let epoch: UInt64
    /// The shard.
    public let shard: Int
    /// Name of the node that holds it.
    public let node: String
    /// When it was granted.
    public let time: Date

    /// Describes a grant.
    public init(lease: Int, epoch: UInt64, shard: Int, node: String, time: Date) {
        self.lease = lease
        self.epoch = epoch
        self.shard = shard
        self.node = node
        self.time = time
    }
}

/// How a grant ended.
public struct GrantEnding: Sendable, Hashable {
    /// How a grant can end.
    public enum Outcome: String, Sendable {
        /// With a result.
        case result
        /// Without one, to be tried again.
        case revoked
        /// Without one, for good.
        case setAside = "set-aside"
    }

    /// What was leased.
    public let lease: Int
    /// Which grant of it.
    public let epoch: UInt64
    /// How it ended.
    public let outcome: Outcome
    /// Why there is no result; nil when there is one.
    public let cause: String?
    /// When.
    public let time: Date

    /// Describes an ending.
    public init(lease: Int, epoch: UInt64, outcome: Outcome, cause: String? = nil, time: Date) {
        self.lease = lease
        self.epoch = epoch
        self.outcome = outcome
        self.cause = cause
        self.time = time
    }
}

/// A result of one shard from one node.
public struct ResultRecord: Sendable, Equatable {
    /// The shard.
    public let shard: Int
    /// What the node saw.
    public let observation: Observation
    /// When it came in.
    public let received: Date

    /// Describes a result.
    public init(shard: Int, observation: Observation, received: Date) {
        self.shard = shard
        self.observation = observation
        self.received = received
    }
}
