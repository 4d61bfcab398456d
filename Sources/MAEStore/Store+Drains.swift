import Foundation
import GRDB

/// Orders to the coordinator: a row each, written beside it by whoever operates the site.
extension Store {
    /// The nodes that are to be given no more jobs, by name.
    public func drainOrders() throws -> [DrainOrder] {
        try read { database in
            try Row.fetchAll(database, sql: "SELECT * FROM drains ORDER BY node").map {
                DrainOrder(node: $0["node"], since: Date(timeIntervalSince1970: $0["since"]))
            }
        }
    }

    /// Orders that a node is given no more jobs; false when it is so ordered already.
    @discardableResult
    public func drain(_ node: String, at time: Date) throws -> Bool {
        try write { database in
            try database.execute(
                sql: "INSERT OR IGNORE INTO drains (node, since) VALUES (?, ?)",
                arguments: [node, time.timeIntervalSince1970])
            return database.changesCount > 0
        }
    }

    /// Takes the order back; false when there was none.
    @discardableResult
    public func undrain(_ node: String) throws -> Bool {
        try write { database in
            try database.execute(sql: "DELETE FROM drains WHERE node = ?", arguments: [node])
            return database.changesCount > 0
        }
    }
}
