import MAEFormats

/// The index of a sharded checkpoint: which file of the directory holds which tensor.
struct ShardIndex {
    /// The index file itself.
    let path: String
    /// Names of the shards, in the alphabet's order.
    let shards: [String]
    /// Name of the shard by key.
    let shardOfKey: [String: String]

    /// Most shards a checkpoint may have.
    static let maximumShardCount = 1 << 12
    /// Largest index file that is read, in bytes.
    static let maximumSize = 1 << 26

    /// Reads `*.index.json`.
    ///
    /// Throws ``CheckpointError`` for anything but a JSON object with a `weight_map` of plain file names: a path that
    /// leads elsewhere is refused.
    static func read(_ path: String) throws(CheckpointError) -> ShardIndex {
        let document = try JSONFile.read(path, maximumSize: maximumSize)
        guard let map = document["weight_map"]?.members else {
            throw CheckpointError(.malformedFile, path: path, "has no weight_map. Fetch the index again.")
        }
        var shardOfKey: [String: String] = [:]
        for member in map {
            guard let shard = member.value.string, isPlainName(shard) else {
                throw CheckpointError(
                    .malformedFile, path: path, place: "weight_map '\(member.key)'",
                    "names \(member.value.compactText), which is no file beside the index. Fetch the checkpoint again "
                        + "from a place you trust.")
            }
            shardOfKey[member.key] = shard
        }
        let shards = Set(shardOfKey.values).sorted()
        guard shards.count <= maximumShardCount else {
            throw CheckpointError(
                .overBudget, path: path, "names \(shards.count) shards; at most \(maximumShardCount) are read.")
        }
        return ShardIndex(path: path, shards: shards, shardOfKey: shardOfKey)
    }

    private static func isPlainName(_ name: String) -> Bool {
        !name.isEmpty && name != "." && name != ".." && !name.utf8.contains(UInt8(ascii: "/"))
            && !name.utf8.contains(UInt8(ascii: "\\")) && !name.utf8.contains(0)
    }
}
