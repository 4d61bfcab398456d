import GRDB

/// Which shard a result is of, and from which node.
struct ResultReferenceRow: FetchableRecord {
    let shard: Int
    /// The number of the node's row.
    let node: Int64

    init(row: Row) throws { (shard, node) = (try row.decode(atIndex: 0), try row.decode(atIndex: 1)) }

    /// The results of a run, by shard: as the index of the table has them, which is all that is read.
    static func fetchCursor(_ database: Database, of run: Int64) throws -> RecordCursor<ResultReferenceRow> {
        try fetchCursor(
            database, sql: "SELECT shard, node FROM results WHERE run = ? ORDER BY shard, node", arguments: [run])
    }
}
