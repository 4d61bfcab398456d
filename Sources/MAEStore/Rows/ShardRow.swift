import GRDB

/// A piece of a run.
struct ShardRow: PreparedRow {
    static let databaseTableName = "shards"

    let run: Int64
    let shard: Int
    let method: String
    let batch: Int
    let placement: String
    private(set) var checksum: Int64?

    enum CodingKeys: String, CodingKey, CaseIterable {
        case run, shard, method, batch, placement, checksum
    }

    static var columns: [String] { CodingKeys.allCases.map(\.rawValue) }

    var checked: [DatabaseValue] {
        [run.databaseValue, shard.databaseValue, method.databaseValue, batch.databaseValue, placement.databaseValue]
    }

    var unchecked: [DatabaseValue] { [] }

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
