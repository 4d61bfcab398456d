import GRDB

/// A node of a run with its status, and with what its results tell.
struct NodeActivityRow: FetchableRecord {
    let node: NodeRow
    let status: NodeStatusRow
    /// Results of it that are stored.
    let results: Int
    /// Results among the latest ones of the run that tell how long they took, and how long in seconds.
    let timed: (results: Int, seconds: Double)

    init(row: Row) throws {
        (node, status) = (try NodeRow(row: row), try NodeStatusRow(row: row))
        results = row["results"] ?? 0
        timed = (row["timed"] ?? 0, row["seconds"] ?? 0)
    }

    /// Results that a speed is taken from: those of a while, however long the run is.
    private static let latestResults = 10_000

    /// The nodes of a run, by name.
    static func fetchAll(_ database: Database, of run: Int64) throws -> [NodeActivityRow] {
        try fetchAll(
            database,
            sql: """
                SELECT nodes.*, counts.results, speeds.timed, speeds.seconds FROM nodes
                LEFT JOIN (SELECT node, count(*) AS results FROM results WHERE run = ? GROUP BY node) AS counts
                    ON counts.node = nodes.id
                LEFT JOIN (
                    SELECT node, count(*) AS timed, sum(load_seconds + input_seconds + forward_seconds) AS seconds
                    FROM (SELECT * FROM results WHERE run = ? ORDER BY id DESC LIMIT ?)
                    WHERE load_seconds + input_seconds + forward_seconds IS NOT NULL GROUP BY node
                ) AS speeds ON speeds.node = nodes.id
                WHERE nodes.run = ? ORDER BY nodes.name
                """, arguments: [run, run, latestResults, run])
    }
}
