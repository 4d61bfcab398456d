import Foundation
import GRDB
import MAEDomain
import MAEVerify

extension Store {
    /// Records what happened in a run, all of it or nothing; all is durable when this returns.
    ///
    /// Within `changes`, nodes come before what names them. Throws ``StoreError/Code/duplicate`` for a second result of a
    /// shard from one node, and ``StoreError/Code/unknownReference`` for a node, shard or run never recorded.
    public func record(_ changes: Changes, run name: String) throws {
        guard !changes.isEmpty else { return }
        // Files first: a result in the database never names a tensor that is not there.
        let results = try changes.results.map { try StoredObservation($0, tensors: tensors) }
        do {
            try write { database in
                let run = try identify(name, database)
                for node in changes.nodes { _ = try upsert(node, run: run, database) }
                try insert(changes.shards, run: run, database)
                for failure in changes.failures { try insert(failure, run: run, database) }
                for result in results { try insert(result, run: run, database) }
                try insert(changes.statuses, alive: changes.alive, run: run, database)
            }
        } catch {
            // What was looked up meanwhile may have been taken back with the transaction.
            interned.withLock { $0 = InternedContexts() }
            throw error
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
                INSERT INTO nodes (run, name, host, backend, device, isa, threads, numeric_class, class_reason,
                    engine_build)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (run, name) DO UPDATE SET host = excluded.host, backend = excluded.backend,
                    device = excluded.device, isa = excluded.isa, threads = excluded.threads,
                    numeric_class = excluded.numeric_class, class_reason = excluded.class_reason,
                    engine_build = excluded.engine_build
                RETURNING id
                """)
        let arguments: StatementArguments = [
            run, node.name, node.host, node.backend, node.device, node.isa, node.threads, node.numericClass,
            node.classReason, node.engineBuild,
        ]
        guard let identifier = try Int64.fetchOne(statement, arguments: arguments) else {
            throw damaged("the record of node \(node.name)")
        }
        return identifier
    }

    private func insert(_ failure: FailedGrant, run: Int64, _ database: Database) throws {
        let node = try Int64.fetchOne(
            database.cachedStatement(sql: "SELECT id FROM nodes WHERE run = ? AND name = ?"),
            arguments: [run, failure.node])
        guard let node else {
            throw StoreError(.unknownReference, path: directory, "node \(failure.node) was never recorded")
        }
        try database.cachedStatement(
            sql: """
                INSERT INTO failed_grants (run, lease, epoch, shard, node, ended, outcome, cause)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                """
        ).execute(arguments: [
            run, failure.lease, Int64(bitPattern: failure.epoch), failure.shard, node,
            failure.time.timeIntervalSince1970, failure.outcome.rawValue, failure.cause,
        ])
    }

    private func insert(_ result: StoredObservation, run: Int64, _ database: Database) throws {
        if let manifest = result.manifest {
            try database.cachedStatement(sql: "INSERT OR IGNORE INTO manifests (digest, content) VALUES (?, ?)")
                .execute(arguments: [manifest.digest.description, manifest.content])
        }
        let known = try intern(result.context, run: run, database)
        try database.cachedStatement(sql: StoredObservation.insertion)
            .execute(arguments: result.arguments(run: run, node: known.node, context: known.identifier))
    }

    /// The rows of a context and its node, which are made when they are new.
    private func intern(
        _ context: ObservationContext, run: Int64, _ database: Database
    ) throws -> InternedContexts.Entry {
        if let known = interned.withLock({ $0[context, run: run] }) { return known }
        let node = try upsert(context.shared.node, run: run, database)
        let (digest, content) = try context.encoded
        try database.cachedStatement(sql: "INSERT OR IGNORE INTO contexts (digest, content) VALUES (?, ?)")
            .execute(arguments: [digest, content])
        let identifier = try Int64.fetchOne(
            database.cachedStatement(sql: "SELECT id FROM contexts WHERE digest = ?"), arguments: [digest])
        guard let identifier else { throw damaged("the context of a result") }
        return interned.withLock { $0.insert(context, run: run, node: node, identifier: identifier) }
    }
}
