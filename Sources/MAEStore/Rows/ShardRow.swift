import GRDB

/// A piece of a run.
struct ShardRow: StoreRow {
    static let databaseTableName = "shards"

    let run: Int64
    let shard: Int
    let method: String
    let batch: Int
    let placement: String

    enum CodingKeys: String, CodingKey {
        case run, shard, method, batch, placement
    }

    init(_ shard: ShardRecord, run: Int64) {
        self.run = run
        (self.shard, method, batch) = (shard.shard, shard.method, shard.batch)
        placement = shard.placement.text
    }

    /// The shard; nil for a placement that there is not.
    var record: ShardRecord? {
        ShardRecord.Placement(text: placement).map {
            ShardRecord(shard: shard, method: method, batch: batch, placement: $0)
        }
    }

    /// The shards of a run, by number.
    static func of(_ run: Int64) -> QueryInterfaceRequest<ShardRow> {
        filter(Column(CodingKeys.run) == run).order(Column(CodingKeys.shard))
    }
}
