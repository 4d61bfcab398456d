import MAEFiles
import MAEFormats

extension HubDirectory {
    /// Reads every shard that `index` names in the folder at `path`.
    ///
    /// Throws ``CheckpointError`` for a shard or a tensor that lacks, and for a tensor that is there twice.
    static func readShards(_ index: ShardIndex, in path: String) throws(CheckpointError) -> RawCheckpoint {
        var whole: RawCheckpoint?
        var shardOfKey: [String: String] = [:]
        for shard in index.shards {
            let shardPath = path + "/" + shard
            guard FileSystem.isFile(shardPath) else {
                if let link = DanglingLink(onTheWayTo: shardPath) { throw link.error(reading: shardPath) }
                throw CheckpointError(
                    .missing, path: index.path, place: shard,
                    "the shard is not in the directory. Fetch it, or the whole checkpoint again.")
            }
            let part = try WeightFile.open(shardPath).shard()
            for entry in part.entries {
                if let other = shardOfKey.updateValue(shard, forKey: entry.key) {
                    throw CheckpointError(
                        .contradiction, path: path, place: "tensor \(entry.key)",
                        "lies in two shards, \(other) and \(shard). Fetch or save the checkpoint again.")
                }
            }
            whole = whole?.appending(part) ?? part
        }
        for (key, shard) in index.shardOfKey.sorted(by: { $0.key < $1.key }) where shardOfKey[key] != shard {
            throw CheckpointError(
                .missing, path: path + "/" + shard, place: "tensor \(key)",
                "the index names this shard for the tensor, which is not in it. Fetch the checkpoint again.")
        }
        guard var whole else {
            throw CheckpointError(.missing, path: index.path, "names no shard. Fetch the index again.")
        }
        whole.files.insert(try CheckpointFile(opening: index.path), at: 0)
        whole.format.shardCount = index.shards.count
        return whole
    }
}

extension RawCheckpoint {
    /// Both parts of a sharded checkpoint as one.
    fileprivate func appending(_ part: RawCheckpoint) -> RawCheckpoint {
        var whole = self
        whole.entries += part.entries
        whole.unread += part.unread
        whole.files += part.files
        whole.findings += part.findings
        whole.unverified += part.unverified
        return whole
    }
}
