import Foundation
import MAEDomain
import MAEVerify

/// What happened in a run since the last call, to be recorded in one transaction.
///
/// Collecting what one turn of the coordinator's loop brought makes many results cost one wait for the disk.
public struct Changes: Sendable {
    /// Nodes that joined, or came back as something else than before.
    public var nodes: [NodeIdentity] = []
    /// Shards that were added to those the run began with.
    public var shards: [ShardRecord] = []
    /// Grants that ended without a result.
    public var failures: [FailedGrant] = []
    /// Results that were accepted.
    public var results: [ResultRecord] = []
    /// How nodes are doing, by name; names that were never recorded are passed over.
    public var statuses: [String: NodeStatus] = [:]
    /// When the coordinator was at work last; nil when that is not to be recorded.
    public var alive: Date?

    /// Nothing happened.
    public init() {}

    /// Whether there is nothing to record.
    public var isEmpty: Bool {
        nodes.isEmpty && shards.isEmpty && failures.isEmpty && results.isEmpty && statuses.isEmpty && alive == nil
    }

    /// Adds what happened after.
    public mutating func append(_ later: Changes) {
        nodes += later.nodes
        shards += later.shards
        failures += later.failures
        results += later.results
        statuses.merge(later.statuses) { $1 }
        alive = later.alive ?? alive
    }
}

/// A grant that ended without a result.
public struct FailedGrant: Sendable, Hashable {
    /// What follows.
    public enum Outcome: String, Sendable {
        /// The shard is tried again.
        case revoked
        /// It is given up.
        case setAside = "set-aside"
    }

    /// What was leased.
    public let lease: Int
    /// The how-many-eth grant of it this was.
    public let epoch: UInt64
    /// The shard.
    public let shard: Int
    /// Name of the node that held it.
    public let node: String
    /// What follows.
    public var outcome: Outcome
    /// Why there is no result.
    public let cause: String
    /// When it ended.
    public let time: Date

    /// Describes a grant that ended.
    public init(
        lease: Int, epoch: UInt64, shard: Int, node: String, outcome: Outcome, cause: String, time: Date
    ) {
        self.lease = lease
        self.epoch = epoch
        self.shard = shard
        self.node = node
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
