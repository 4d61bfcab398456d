import Foundation
import GRDB
import Glibc

extension Store {
    /// Removes all runs but the `count` that began last, with everything that no other run refers to, and returns their names.
    ///
    /// The files are smaller afterwards; meanwhile the database needs as much room again as what is kept. Throws
    /// ``StoreError``; what was removed by then is gone.
    public func prune(keeping count: Int) throws -> [String] {
        let removed = try writeWithoutForeignKeys { database in
            let runs = try Row.fetchAll(
                database, sql: "SELECT id, name FROM runs ORDER BY started DESC, id DESC LIMIT -1 OFFSET ?",
                arguments: [max(count, 0)])
            for run in runs {
                let id: Int64 = run["id"]
                for table in ["results", "failed_grants", "comparisons", "findings", "shards", "nodes"] {
                    try database.execute(sql: "DELETE FROM \(table) WHERE run = ?", arguments: [id])
                }
                try database.execute(sql: "DELETE FROM runs WHERE id = ?", arguments: [id])
            }
            try database.execute(
                sql: """
                    DELETE FROM contexts WHERE id NOT IN (SELECT context FROM results);
                    DELETE FROM manifests
                        WHERE digest NOT IN (SELECT manifest FROM results WHERE manifest IS NOT NULL);
                    """)
            return runs.map { $0["name"] as String }
        }
        interned.withLock { $0 = InternedContexts() }
        let named = try read {
            try String.fetchSet($0, sql: "SELECT layernorm_file FROM results WHERE layernorm_file NOT NULL")
        }
        tensors.removeAll(but: named)
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
