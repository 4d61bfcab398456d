import Foundation
import GRDB

/// An order that a node is given no more jobs.
struct DrainRow: StoreRow {
    static let databaseTableName = "drains"

    let node: String
    let since: Date

    enum CodingKeys: String, CodingKey {
        case node, since
    }

    /// All orders, by node.
    static var inOrder: QueryInterfaceRequest<DrainRow> { order(Column(CodingKeys.node)) }
}
