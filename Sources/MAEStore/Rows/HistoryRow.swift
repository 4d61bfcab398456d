import Foundation
import GRDB

/// A run with how it ended and what its results tell.
struct HistoryRow: FetchableRecord {
    let entry: HistoryEntry

    init(row: Row) throws {
        // A run that has not ended has no row to join with.
        let ending = (row["ended"] as Double?) == nil ? nil : try EndingRow(row: row).ending
        entry = HistoryEntry(
            run: row["name"], started: Date(timeIntervalSince1970: row["started"]), ending: ending,
            nodes: row["nodes"], results: row["results"], findings: row["findings"] ?? 0,
            meanLoadSeconds: row["load_seconds"], meanForwardSeconds: row["forward_seconds"])
    }

    /// The last `limit` runs, the latest first.
    ///
    /// Of each run its own results are looked at: those of older runs cost nothing. `ownBatch` gives the number of the batch that the run
    /// of a name and plan drew for itself; of one image, it would make any mean a mixture.
    static func fetchAll(
        _ database: Database, limit: Int, ownBatch: (RunRow) -> Int?
    ) throws -> [HistoryRow] {
        try RunRow.latestFirst.limit(limit).fetchAll(database).compactMap { run in
            try fetchOne(
                database.cachedStatement(
                    sql: """
                        SELECT runs.name, runs.started, judgements.ended, judgements.verdict, judgements.exit_code,
                            judgements.findings, (SELECT count(*) FROM nodes WHERE run = runs.id) AS nodes,
                            count(results.id) AS results,
                            avg(CASE WHEN results.batch IS :own THEN NULL ELSE results.load_seconds END) AS load_seconds,
                            avg(CASE WHEN results.batch IS :own THEN NULL ELSE results.forward_seconds END)
                                AS forward_seconds
                        FROM runs LEFT JOIN judgements ON judgements.run = runs.id
                            LEFT JOIN results ON results.run = runs.id
                        WHERE runs.id = :run GROUP BY runs.id
                        """), arguments: ["run": run.id, "own": ownBatch(run)])
        }
    }
}
