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

    static var databaseSelection: [any SQLSelectable] { CodingKeys.allCases.map { Column($0) } }

    /// Reads a row, column by column: runs have up to millions of them.
    init(row: Row) throws {
        run = try row.decode(atIndex: 0)
        shard = try row.decode(atIndex: 1)
        method = try row.decode(atIndex: 2)
        batch = try row.decode(atIndex: 3)
        placement = try row.decode(atIndex: 4)
        checksum = try row.decode(atIndex: 5)
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
