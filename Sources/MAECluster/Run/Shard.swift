import MAEDomain

/// A piece of a run that one node carries out at a time: one batch, loaded by one method.
public struct Shard<Work: Sendable>: Sendable {
    /// Names the shard in its run.
    public let id: ShardID
    /// The loading method; shards of one method follow each other on a node, so that it loads the model once.
    public let method: String
    /// The number of the batch.
    public let batch: Int
    /// Which nodes are to run it.
    public let placement: Placement
    /// What is to be computed: carried along, and never looked at here.
    public let work: Work

    /// Describes a shard.
    public init(id: ShardID, method: String, batch: Int, placement: Placement = .everyNode, work: Work) {
        if case .overlap(let count) = placement { precondition(count >= 1, "a shard is run by one node at least") }
        precondition(id.rawValue >= 0, "shards are counted from 0")
        self.id = id
        self.method = method
        self.batch = batch
        self.placement = placement
        self.work = work
    }
}

extension Shard: Equatable where Work: Equatable {}
extension Shard: Hashable where Work: Hashable {}

extension Array {
    /// The shards in the order in which a node runs them: those of a method together, methods as they first appear here.
    func inRunOrder<Work>() -> [Shard<Work>] where Element == Shard<Work> {
        var methods: [String] = []
        var shards: [String: [Element]] = [:]
        for shard in self {
            if shards[shard.method] == nil { methods.append(shard.method) }
            shards[shard.method, default: []].append(shard)
        }
        return methods.flatMap { method in
            (shards[method] ?? []).sorted { ($0.batch, $0.id) < ($1.batch, $1.id) }
        }
    }
}

/// Which nodes are to run a shard.
public enum Placement: Sendable, Hashable {
    /// Each of the expected nodes, and each that joins on top.
    case everyNode
    /// So many of the expected nodes, shared out evenly; neighbours overlap, so all nodes are tied by comparisons.
    case overlap(Int)
    /// This node and no other: a re-run.
    case node(NodeID)
}
