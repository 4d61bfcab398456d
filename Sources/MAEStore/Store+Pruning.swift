import Foundation
import GRDB
import Glibc

extension Store {
    /// Removes all runs but the `count` that began last, with everything that no other run refers to, and returns their names.
    ///
    /// With `isMeant` only runs of names that it is true for are counted and removed.
    ///
    /// The files are smaller afterwards; meanwhile the database needs as much room again as what is kept. Files of tensors all stay
    /// while a result is damaged such that it does not say which are its own. Throws ``StoreError``; what was removed by then is gone.
    public func prune(keeping count: Int, where isMeant: (String) -> Bool = { _ in true }) throws -> [String] {
        let removed = try writeWithoutForeignKeys { database in
            let meant = try RunRow.latestFirst.fetchAll(database).filter { isMeant($0.name) }
            let runs = meant.dropFirst(max(count, 0))
            for run in runs.compactMap(\.id) {
                try ResultRow.of(run).deleteAll(database)
                try JudgementRow.of(run).deleteAll(database)
                try ShardRow.of(run).deleteAll(database)
                try NodeRow.of(run).deleteAll(database)
                try RunRow.deleteOne(database, key: run)
            }
            try ContextRow.removeUnused(database)
            try FingerprintsRow.removeUnused(database)
            return runs.map(\.name)
        }
        interned.withLock { $0 = InternedContexts() }
        folded.withLock { $0 = nil }
        if let named = try read({ try ResultRow.namedFiles($0) }) { tensors.removeAll(but: named) }
        try writeWithoutTransaction {
            try $0.execute(sql: "VACUUM")
            try $0.checkpoint(.truncate)
        }
        return removed
    }

    /// Writes in one transaction that leaves no reference open.
    ///
    /// Rows go table by table there. Were the database to look after the references, it would search all results for each node.
    private func writeWithoutForeignKeys<Value>(_ body: (Database) throws -> Value) throws -> Value {
        try writeWithoutTransaction { database in
            try database.execute(sql: "PRAGMA foreign_keys = OFF")
            defer { try? database.execute(sql: "PRAGMA foreign_keys = ON") }
            var value: Value?
            try database.inTransaction {
                value = try body(database)
                try database.checkForeignKeys()
                return .commit
            }
            guard let value else { preconditionFailure("a transaction that is committed has run") }
            return value
        }
    }
}
