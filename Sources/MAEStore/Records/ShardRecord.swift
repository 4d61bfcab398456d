/// A piece of a run: one batch by one loading method.
public struct ShardRecord: Sendable, Hashable {
    /// Number of the shard in its run.
    public let shard: Int
    /// Label of the loading method.
    public let method: String
    /// Index of the batch.
    public let batch: Int
    /// Which nodes are to run it.
    public let placement: Placement

    /// Which nodes are to run a shard.
    public enum Placement: Sendable, Hashable {
        /// All of them.
        case everyNode
        /// So many of them.
        case overlap(Int)
        /// The one named.
        case node(String)
    }

    /// Describes a shard.
    public init(shard: Int, method: String, batch: Int, placement: Placement = .everyNode) {
        self.shard = shard
        self.method = method
        self.batch = batch
        self.placement = placement
    }
}

extension ShardRecord.Placement {
    /// `every-node`, `overlap:2` or `node:NAME`.
    var text: String {
        switch self {
        case .everyNode: "every-node"
        case .overlap(let count): "overlap:\(count)"
        case .node(let name): "node:\(name)"
        }
    }

    /// Reads ``text``; nil for anything else.
    init?(text: String) {
        if text == "every-node" {
            self = .everyNode
        } else if let count = text.suffix(after: "overlap:").flatMap({ Int($0) }) {
            self = .overlap(count)
        } else if let name = text.suffix(after: "node:") {
            self = .node(name)
        } else {
            return nil
        }
    }
}

extension String {
    fileprivate func suffix(after prefix: String) -> String? {
        hasPrefix(prefix) ? String(dropFirst(prefix.count)) : nil
    }
}
