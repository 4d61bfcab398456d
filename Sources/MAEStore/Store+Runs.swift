import Foundation
import GRDB
import MAEVerify

extension Store {
    /// Records that a run begins, with the shards it begins with.
    ///
    /// Throws ``StoreError/Code/duplicate`` when there is a run of this name.
    public func begin(_ plan: RunPlan, shards: [ShardRecord], at time: Date) throws {
        let content = try JSONEncoder.store.encode(plan)
        try write { database in
            guard try Self.find(plan.run, database) == nil else {
                throw StoreError(
                    .duplicate, path: directory,
                    "there is a run named \(plan.run): resume it, or name this one otherwise")
            }
            try database.execute(
                sql: """
                    INSERT INTO runs (name, seed, batches, batch_size, workers, started, plan, starts)
                    VALUES (?, ?, ?, ?, ?, ?, ?, 1)
                    """,
                arguments: [
                    plan.run, Int64(bitPattern: plan.seed), plan.batches, plan.batchSize, plan.workers,
                    time.timeIntervalSince1970, content,
                ])
            try insert(shards, run: database.lastInsertedRowID, database)
        }
    }

    /// Records how a run ended, in place of an earlier ending if it was resumed.
    public func end(run name: String, _ ending: RunEnding) throws {
        try write { database in
            try database.execute(
                sql: "UPDATE runs SET ended = ?, verdict = ?, exit_code = ? WHERE id = ?",
                arguments: [
                    ending.time.timeIntervalSince1970, ending.verdict, ending.exitCode, try identify(name, database),
                ])
        }
    }

    /// The run named `name`.
    public func run(_ name: String) throws -> RunRecord {
        try read { database in
            let run = try identify(name, database)
            guard let row = try Row.fetchOne(database, sql: "SELECT * FROM runs WHERE id = ?", arguments: [run]) else {
                throw unknown(name)
            }
            return RunRecord(
                plan: try decode(RunPlan.self, row["plan"], "the plan of run \(name)"),
                started: Date(timeIntervalSince1970: row["started"]), ending: Self.ending(row),
                alive: (row["alive"] as Double?).map { Date(timeIntervalSince1970: $0) })
        }
    }

    /// The last `limit` runs, the latest first.
    public func history(limit: Int) throws -> [HistoryEntry] {
        try read { database in
            try Row.fetchAll(
                database,
                sql: """
                    SELECT runs.*,
                        (SELECT count(*) FROM nodes WHERE run = runs.id) AS nodes,
                        (SELECT count(*) FROM findings WHERE run = runs.id) AS findings,
                        count(results.id) AS results,
                        avg(results.load_seconds) AS load_seconds, avg(results.forward_seconds) AS forward_seconds
                    FROM runs LEFT JOIN results ON results.run = runs.id
                    GROUP BY runs.id ORDER BY runs.started DESC, runs.id DESC LIMIT ?
                    """, arguments: [max(limit, 0)]
            ).map { row in
                HistoryEntry(
                    run: row["name"], started: Date(timeIntervalSince1970: row["started"]), ending: Self.ending(row),
                    nodes: row["nodes"], results: row["results"], findings: row["findings"],
                    meanLoadSeconds: row["load_seconds"], meanForwardSeconds: row["forward_seconds"])
            }
        }
    }

    /// The database's number of a run.
    func identify(_ name: String, _ database: Database) throws -> Int64 {
        guard let run = try Self.find(name, database) else { throw unknown(name) }
        return run
    }

    /// Decodes JSON that this program wrote.
    func decode<Value: Decodable>(_ type: Value.Type, _ content: Data, _ what: String) throws -> Value {
        do {
            return try JSONDecoder.store.decode(type, from: content)
        } catch {
            throw damaged(what)
        }
    }

    func damaged(_ what: String) -> StoreError {
        StoreError(.damaged, path: directory + "/mae.sqlite", "\(what) cannot be read: restore it from a backup")
    }

    private func unknown(_ name: String) -> StoreError {
        StoreError(.unknownRun, path: directory, "there is no run named \(name) in this store")
    }

    private static func find(_ name: String, _ database: Database) throws -> Int64? {
        try Int64.fetchOne(database, sql: "SELECT id FROM runs WHERE name = ?", arguments: [name])
    }

    private static func ending(_ row: Row) -> RunEnding? {
        guard let ended = row["ended"] as Double?, let verdict = row["verdict"] as String?,
            let exitCode = row["exit_code"] as Int32?
        else { return nil }
        return RunEnding(time: Date(timeIntervalSince1970: ended), verdict: verdict, exitCode: exitCode)
    }
}

extension JSONEncoder {
    /// Writes the same bytes for the same value, and numbers that are not finite as text.
    static var store: JSONEncoder {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        return encoder
    }
}

extension JSONDecoder {
    /// Reads what ``JSONEncoder/store`` wrote.
    static var store: JSONDecoder {
        let decoder = JSONDecoder()
        decoder.nonConformingFloatDecodingStrategy = .convertFromString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        return decoder
    }
}
