import Foundation
import GRDB
import MAEDomain
import MAEVerify

extension Store {
    /// The results of a run, in the order in which they were recorded, each exactly as it was handed in.
    ///
    /// The first `known` of them are left out: none is ever recorded before one that was read.
    public func results(of name: String, skipping known: Int = 0) throws -> [ResultRecord] {
        try read { database in
            let rows = try Row.fetchCursor(
                database,
                sql: """
                    SELECT results.*, manifests.content AS manifest_content
                    FROM results LEFT JOIN manifests ON manifests.digest = results.manifest
                    WHERE run = ? ORDER BY id LIMIT -1 OFFSET ?
                    """, arguments: [try identify(name, database), known])
            var results: [ResultRecord] = []
            var contexts: [Int64: Observation] = [:]
            while let row = try rows.next() {
                let identifier: Int64 = row["context"]
                let context = try contexts[identifier] ?? self.context(identifier, database)
                contexts[identifier] = context
                results.append(try StoredObservation.read(row, in: context, store: self))
            }
            return results
        }
    }

    private func context(_ identifier: Int64, _ database: Database) throws -> Observation {
        let content = try Data.fetchOne(
            database, sql: "SELECT content FROM contexts WHERE id = ?", arguments: [identifier])
        guard let content else { throw damaged("context \(identifier)") }
        return try decode(Observation.self, content, "context \(identifier)")
    }

    /// What a coordinator needs to carry a run on, which is counted as one more start of it.
    public func resume(_ name: String) throws -> Resumption { try resume(run(name).plan) }

    /// The same for a run whose plan was read already.
    public func resume(_ plan: RunPlan) throws -> Resumption {
        try write { database in
            let run = try identify(plan.run, database)
            try database.execute(sql: "UPDATE runs SET starts = starts + 1 WHERE id = ?", arguments: [run])
            let shards = try Row.fetchAll(
                database, sql: "SELECT * FROM shards WHERE run = ? ORDER BY shard", arguments: [run]
            ).map { row in
                guard let placement = ShardRecord.Placement(text: row["placement"]) else {
                    throw damaged("shard \(row["shard"] as Int)")
                }
                return ShardRecord(
                    shard: row["shard"], method: row["method"], batch: row["batch"], placement: placement)
            }
            let nodes = try String.fetchAll(
                database, sql: "SELECT name FROM nodes WHERE run = ? ORDER BY id", arguments: [run])
            let stored = try Row.fetchAll(
                database,
                sql: """
                    SELECT results.shard, nodes.name FROM results JOIN nodes ON nodes.id = results.node
                    WHERE results.run = ? ORDER BY results.id
                    """, arguments: [run]
            ).map { Resumption.Stored(shard: $0["shard"], node: $0["name"]) }
            let start = try Int.fetchOne(database, sql: "SELECT starts FROM runs WHERE id = ?", arguments: [run])
            return Resumption(plan: plan, shards: shards, nodes: nodes, stored: stored, start: start ?? 1)
        }
    }

    /// Records what was made of a run's results, in place of an earlier judgement.
    public func record(_ judgement: Judgement, run name: String) throws {
        try write { database in
            let run = try identify(name, database)
            try database.execute(sql: "DELETE FROM comparisons WHERE run = ?", arguments: [run])
            try database.execute(sql: "DELETE FROM findings WHERE run = ?", arguments: [run])
            for item in judgement.comparisons {
                try database.cachedStatement(
                    sql: """
                        INSERT INTO comparisons (run, batch, left_node, left_method, right_node, right_method, relation,
                            stage, maximum) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                        """
                ).execute(arguments: [
                    run, item.left.batch, item.left.node, item.left.method, item.right.node, item.right.method,
                    item.relation, item.stage, item.maximum,
                ])
            }
            try insert(judgement.findings, run: run, database)
        }
    }

    /// Records one more finding of a judgement.
    public func add(_ finding: FindingRecord, run name: String) throws {
        try write { database in try insert([finding], run: identify(name, database), database) }
    }

    private func insert(_ findings: [FindingRecord], run: Int64, _ database: Database) throws {
        let statement = try database.cachedStatement(
            sql: """
                INSERT INTO findings (run, code, severity, text, node, method, batch) VALUES (?, ?, ?, ?, ?, ?, ?)
                """)
        for item in findings {
            try statement.execute(arguments: [
                run, item.code, item.severity.rawValue, item.text, item.node, item.method, item.batch,
            ])
        }
    }

    /// What was made of a run's results; empty when it was never judged.
    public func judgement(of name: String) throws -> Judgement {
        try read { database in
            let run = try identify(name, database)
            let comparisons = try Row.fetchAll(
                database, sql: "SELECT * FROM comparisons WHERE run = ? ORDER BY id", arguments: [run]
            ).map { row in
                ComparisonRecord(
                    left: Cell(node: row["left_node"], method: row["left_method"], batch: row["batch"]),
                    right: Cell(node: row["right_node"], method: row["right_method"], batch: row["batch"]),
                    relation: row["relation"], stage: row["stage"], maximum: row["maximum"])
            }
            let findings = try Row.fetchAll(
                database, sql: "SELECT * FROM findings WHERE run = ? ORDER BY id", arguments: [run]
            ).map { row in
                guard let severity = Severity(rawValue: row["severity"]) else { throw damaged("a finding of \(name)") }
                return FindingRecord(
                    code: row["code"], severity: severity, text: row["text"], node: row["node"],
                    method: row["method"], batch: row["batch"])
            }
            return Judgement(comparisons: comparisons, findings: findings)
        }
    }
}
