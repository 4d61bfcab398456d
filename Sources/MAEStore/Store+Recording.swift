import Foundation
import GRDB
import MAEVerify

extension Store {
    /// Records what happened in a run, all of it or nothing; all is durable when this returns.
    ///
    /// Within `changes`, nodes come before the grants that name them. Throws ``StoreError/Code/duplicate`` for a second
    /// result of a shard from one node, and ``StoreError/Code/unknownReference`` for a node, shard or run never recorded.
    public func record(_ changes: Changes, run name: String) throws {
        guard !changes.isEmpty else { return }
        // Files first: a result in the database never names a tensor that is not there.
        let results = try changes.results.map { try StoredObservation($0, tensors: tensors) }
        try write { database in
            let run = try identify(name, database)
            for node in changes.nodes { _ = try upsert(node, run: run, database) }
            try insert(changes.shards, run: run, database)
            for grant in changes.grants { try insert(grant, run: run, database) }
            for ending in changes.endings { try update(ending, run: run, database) }
            for result in results { try insert(result, run: run, database) }
        }
    }

    func insert(_ shards: [ShardRecord], run: Int64, _ database: Database) throws {
        let statement = try database.cachedStatement(
            sql: "INSERT INTO shards (run, shard, method, batch, placement) VALUES (?, ?, ?, ?, ?)")
        for shard in shards {
            try statement.execute(arguments: [run, shard.shard, shard.method, shard.batch, shard.placement.text])
        }
    }

    private func upsert(_ node: NodeIdentity, run: Int64, _ database: Database) throws -> Int64 {
        let statement = try database.cachedStatement(
            sql: """
                INSERT INTO nodes (run, name, host, backend, device, isa, threads, numeric_class, engine_build)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (run, name) DO UPDATE SET host = excluded.host, backend = excluded.backend,
                    device = excluded.device, isa = excluded.isa, threads = excluded.threads,
                    numeric_class = excluded.numeric_class, engine_build = excluded.engine_build
                RETURNING id
                """)
        let arguments: StatementArguments = [
            run, node.name, node.host, node.backend, node.device, node.isa, node.threads, node.numericClass,
            node.engineBuild,
        ]
        guard let identifier = try Int64.fetchOne(statement, arguments: arguments) else {
            throw damaged("the record of node \(node.name)")
        }
        return identifier
    }

    private func insert(_ grant: Grant, run: Int64, _ database: Database) throws {
        let node = try Int64.fetchOne(
            database.cachedStatement(sql: "SELECT id FROM nodes WHERE run = ? AND name = ?"),
            arguments: [run, grant.node])
        guard let node else {
            throw StoreError(.unknownReference, path: directory, "node \(grant.node) was never recorded")
        }
        try database.cachedStatement(
            sql: "INSERT INTO leases (run, lease, epoch, shard, node, granted) VALUES (?, ?, ?, ?, ?, ?)"
        ).execute(arguments: [
            run, grant.lease, Int64(bitPattern: grant.epoch), grant.shard, node, grant.time.timeIntervalSince1970,
        ])
    }

    private func update(_ ending: GrantEnding, run: Int64, _ database: Database) throws {
        try database.cachedStatement(
            sql: "UPDATE leases SET ended = ?, outcome = ?, cause = ? WHERE run = ? AND lease = ? AND epoch = ?"
        ).execute(arguments: [
            ending.time.timeIntervalSince1970, ending.outcome.rawValue, ending.cause, run, ending.lease,
            Int64(bitPattern: ending.epoch),
        ])
        guard database.changesCount == 1 else {
            throw StoreError(
                .unknownReference, path: directory, "lease \(ending.lease), epoch \(ending.epoch) was never recorded")
        }
    }

    private func insert(_ result: StoredObservation, run: Int64, _ database: Database) throws {
        let node = try upsert(result.record.observation.node, run: run, database)
        if let manifest = result.manifest {
            try database.cachedStatement(sql: "INSERT OR IGNORE INTO manifests (digest, content) VALUES (?, ?)")
                .execute(arguments: [manifest.digest.description, manifest.content])
        }
        try database.cachedStatement(sql: StoredObservation.insertion)
            .execute(arguments: result.arguments(run: run, node: node))
    }
}
