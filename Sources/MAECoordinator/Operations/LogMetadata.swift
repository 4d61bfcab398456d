import Logging
import MAECluster
import MAEDomain

extension Logger.Metadata {
    /// What a line of the log is about; the run is in each line anyway.
    static func about(_ node: NodeID? = nil, shard: ShardID? = nil, lease: Lease? = nil) -> Logger.Metadata {
        var metadata: Logger.Metadata = [:]
        if let node { metadata["node"] = "\(node)" }
        if let shard { metadata["shard"] = "\(shard.rawValue)" }
        if let lease {
            metadata["lease"] = "\(lease.id.rawValue)"
            metadata["epoch"] = "\(lease.epoch.rawValue)"
        }
        return metadata
    }
}
