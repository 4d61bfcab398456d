import Foundation
import GRDB
import MAEVerify

extension Store {
    /// Records that a run begins, with the shards it begins with.
    ///
    /// Throws ``StoreError/Code/duplicate`` when there is a run of this name.
    public func begin(_ plan: RunPlan, shards: [ShardRecord], at time: Date) throws {
        var run = RunRow(name: plan.run, started: time, plan: try StoredPlan(plan).encoded)
        try write { database in
            guard try RunRow.named(plan.run).isEmpty(database) else {
                throw StoreError(
                    .duplicate, path: directory,
                    "there is a run named \(plan.run): resume it, or name this one otherwise")
            }
            try run.insert(database)
            guard let identifier = run.id else { throw damaged("the record of run \(plan.run)") }
            try insert(shards, run: identifier, database)
        }
    }

    /// The run named `name`.
    public func run(_ name: String) throws -> RunRecord {
        try read { database in
            let (row, run) = try find(name, database)
            return RunRecord(
                plan: try plan(row), started: row.started, ending: try EndingRow.of(run).fetchOne(database)?.ending,
                alive: row.alive)
        }
    }

    /// The last `limit` runs, the latest first.
    public func history(limit: Int) throws -> [HistoryEntry] {
        try read { database in
            // Of a plan that cannot be read, the report of the run tells.
            try HistoryRow.fetchAll(database, limit: max(limit, 0)) { try? plan($0).freshBatch }.map(\.entry)
        }
    }

    /// The names of all runs, in no order.
    public func runNames() throws -> [String] { try read { try RunRow.names($0) } }

    /// How the run ended that was judged last; nil where none was.
    public func lastEnding() throws -> RunEnding? {
        try read { try EndingRow.latest.fetchOne($0)?.ending }
    }

    /// How the run ended that was judged last among the latest `limit` for whose plans `isWanted` is true; nil where there is none.
    ///
    /// A run whose plan cannot be read is none of them.
    public func lastEnding(among limit: Int = 1000, where isWanted: (RunPlan) -> Bool) throws -> RunEnding? {
        try read { database in
            let rows = try RunRow.fetchCursor(
                database,
                sql: """
                    SELECT runs.* FROM runs JOIN judgements ON judgements.run = runs.id ORDER BY judgements.ended DESC LIMIT ?
                    """, arguments: [limit])
            while let row = try rows.next() {
                guard let plan = try? plan(row), isWanted(plan), let run = row.id else { continue }
                return try EndingRow.of(run).fetchOne(database)?.ending
            }
            return nil
        }
    }

    /// What a coordinator needs to carry a run on, which is counted as one more start of it.
    public func resume(_ name: String) throws -> Resumption { try resume(run(name).plan) }

    /// The same for a run whose plan was read already.
    public func resume(_ plan: RunPlan) throws -> Resumption {
        try write { database in
            var (row, run) = try find(plan.run, database)
            row.starts += 1
            try row.update(database)
            // What it came to before is no judgement of the results that are to come.
            try JudgementRow.of(run).deleteAll(database)
            // Row by row: runs have millions of shards and results.
            var shards: [ShardRecord] = []
            let shardRows = try ShardRow.of(run).fetchCursor(database)
            while let row = try shardRows.next() { shards.append(try shard(row)) }
            let nodes = try NodeRow.of(run).fetchAll(database).map { (id: $0.id, name: try identity($0).name) }
            let names = Dictionary(nodes.map { ($0.id, $0.name) }, uniquingKeysWith: { first, _ in first })
            var stored: [Resumption.Stored] = []
            let results = try ResultReferenceRow.fetchCursor(database, of: run)
            while let result = try results.next() {
                guard let node = names[result.node] else { throw damaged("a result of shard \(result.shard)") }
                stored.append(Resumption.Stored(shard: result.shard, node: node))
            }
            return Resumption(
                plan: plan, shards: shards, nodes: nodes.map(\.name), stored: stored, start: row.starts)
        }
    }

    /// The run of a name, and its number in the database.
    func find(_ name: String, _ database: Database) throws -> (row: RunRow, number: Int64) {
        guard let row = try RunRow.named(name).fetchOne(database), let number = row.id else { throw unknown(name) }
        return (row, number)
    }

    /// The number of a run in the database.
    func number(of name: String, _ database: Database) throws -> Int64 {
        guard let number = try RunRow.number(of: name, database) else { throw unknown(name) }
        return number
    }

    private func unknown(_ name: String) -> StoreError {
        StoreError(
            .unknownRun, path: directory,
            "there is no run named \(name) in this store; mae-coord runs lists those there are")
    }

    /// What a run set out to do.
    func plan(_ row: RunRow) throws -> RunPlan {
        guard row.isWhole else { throw changed("the plan of run \(row.name)") }
        return try decode(StoredPlan.self, row.plan, "the plan of run \(row.name)").plan(of: row.name)
    }

    private func shard(_ row: ShardRow) throws -> ShardRecord {
        guard row.isWhole else { throw changed("shard \(row.shard)") }
        guard let shard = row.record else { throw damaged("shard \(row.shard)") }
        return shard
    }

    /// Decodes a document; `what` names it in the error.
    func decode<Document: StoredDocument>(_ type: Document.Type, _ content: Data, _ what: String) throws -> Document {
        do {
            return try Document(encoded: content)
        } catch is UnknownDocumentVersion {
            throw StoreError(
                .newerVersion, path: directory + "/mae.sqlite",
                "another version of mae-coord wrote \(what): use that version")
        } catch {
            throw damaged(what)
        }
    }

    /// A record that is not what was stored: said as that, since what is in it would look like the fault of a node.
    func changed(_ what: String) -> StoreError {
        StoreError(
            .damaged, path: directory + "/mae.sqlite",
            "\(what) is not what was stored: its bytes changed on the disk, which is no node's fault. Restore the store from a "
                + "backup, and check the disk")
    }

    func damaged(_ what: String) -> StoreError {
        StoreError(.damaged, path: directory + "/mae.sqlite", "\(what) cannot be read: restore it from a backup")
    }
}
