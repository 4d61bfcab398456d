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
        nodes.isEmpty && shards.isEmpty && results.isEmpty && statuses.isEmpty && alive == nil
    }

    /// Adds what happened after.
    public mutating func append(_ later: Changes) {
        nodes += later.nodes
        shards += later.shards
        // What is handed over to a writer that waits is not copied.
        if results.isEmpty { results = later.results } else { results += later.results }
        statuses.merge(later.statuses) { $1 }
        alive = later.alive ?? alive
    }
}

/// A result of one shard from one node.
///
/// An object, since it holds dozens of strings and lists, which each list of results on its way to the disk would copy.
public final class ResultRecord: Sendable, Equatable {
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

    /// Two results that say the same, received at the same time.
    public static func == (left: ResultRecord, right: ResultRecord) -> Bool {
        (left.shard, left.received) == (right.shard, right.received) && left.observation == right.observation
    }
}
