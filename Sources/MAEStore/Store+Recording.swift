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
        let results = try changes.results.map { try PreparedResult($0, tensors: tensors) }
        do {
            try write { database in
                let run = try number(of: name, database)
                for node in changes.nodes { _ = try upsert(node, run: run, database) }
                try insert(changes.shards, run: run, database)
                try insert(results, run: run, database)
                for (name, status) in changes.statuses { try update(status, of: name, run: run, database) }
                if let alive = changes.alive { try RunRow.touch(run, at: alive, database) }
            }
        } catch {
            // What was looked up meanwhile may have been taken back with the transaction.
            interned.withLock { $0 = InternedContexts() }
            throw error
        }
    }

    func insert(_ shards: [ShardRecord], run: Int64, _ database: Database) throws {
        guard !shards.isEmpty else { return }
        let insertion = try RowInsertion<ShardRow>(database)
        for shard in shards { try insertion.insert(ShardRow(shard, run: run)) }
    }

    private func upsert(_ node: NodeIdentity, run: Int64, _ database: Database) throws -> Int64 {
        var row = NodeRow(node, run: run)
        try row.upsert(database)
        guard let identifier = row.id else { throw damaged("the record of node \(node.name)") }
        return identifier
    }

    /// Records how a node is doing; a name that was never recorded is passed over.
    private func update(_ status: NodeStatus, of name: String, run: Int64, _ database: Database) throws {
        guard let node = try NodeRow.identifier(of: name, run: run, database) else { return }
        try NodeStatusRow(status, of: node).store(database)
    }

    private func insert(_ results: [PreparedResult], run: Int64, _ database: Database) throws {
        guard !results.isEmpty else { return }
        let insertion = try RowInsertion<ResultRow>(database)
        for result in results {
            if var fingerprints = result.fingerprints { try fingerprints.insert(database, onConflict: .ignore) }
            let known = try intern(result.context, run: run, database)
            try insertion.insert(ResultRow(result, run: run, node: known.node, context: known.identifier))
        }
    }

    /// The rows of a context and its node, which are made when they are new.
    private func intern(
        _ context: StoredContext, run: Int64, _ database: Database
    ) throws -> InternedContexts.Entry {
        if let known = interned.withLock({ $0[context, run: run] }) { return known }
        let node = try upsert(context.node.identity, run: run, database)
        var row = ContextRow(content: try context.encoded)
        var identifier = try row.identifier(database)
        if identifier == nil {
            try row.insert(database)
            identifier = row.id
        }
        guard let identifier else { throw damaged("the context of a result") }
        return interned.withLock { $0.insert(context, run: run, node: node, identifier: identifier) }
    }
}
