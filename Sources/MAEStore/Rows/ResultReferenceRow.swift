import GRDB

/// Which shard a result is of, and from which node.
struct ResultReferenceRow: Decodable, FetchableRecord {
    let shard: Int
    let node: String

    /// The results of a run, in the order in which they were recorded.
    static func fetchAll(_ database: Database, of run: Int64) throws -> [ResultReferenceRow] {
        try fetchAll(
            database,
            sql: """
                SELECT results.shard AS shard, nodes.name AS node FROM results JOIN nodes ON nodes.id = results.node
                WHERE results.run = ? ORDER BY results.id
                """, arguments: [run])
    }
}
