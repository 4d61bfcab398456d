import Foundation
import GRDB

/// Orders to the coordinator: a row each, written by the operator's commands.
extension Store {
    /// The nodes that are to be given no more jobs, by name.
    public func drainOrders() throws -> [DrainOrder] {
        try read { database in
            try DrainRow.inOrder.fetchAll(database).map { row in
                guard row.isWhole else { throw changed("the order to drain \(row.node)") }
                return DrainOrder(node: row.node, since: row.since)
            }
        }
    }

    /// Orders that a node is given no more jobs; false when it is so ordered already.
    @discardableResult
    public func drain(_ node: String, at time: Date) throws -> Bool {
        try write { database in
            guard try !DrainRow.exists(database, key: node) else { return false }
            var row = DrainRow(node: node, since: time)
            try row.insert(database)
            return true
        }
    }

    /// Takes the order back; false when there was none.
    @discardableResult
    public func undrain(_ node: String) throws -> Bool {
        try write { try DrainRow.deleteOne($0, key: node) }
    }
}
