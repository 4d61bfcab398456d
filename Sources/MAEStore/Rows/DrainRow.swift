import Foundation
import GRDB

/// An order that a node is given no more jobs.
struct DrainRow: CheckedRow {
    static let databaseTableName = "drains"

    let node: String
    let since: Date
    private(set) var checksum: Int64?

    enum CodingKeys: String, CodingKey {
        case node, since, checksum
    }

    var checked: [DatabaseValue] { [node.databaseValue] }

    init(node: String, since: Date) {
        (self.node, self.since) = (node, since)
        checksum = RecordChecksum.of(checked)
    }

    /// All orders, by node.
    static var inOrder: QueryInterfaceRequest<DrainRow> { order(Column(CodingKeys.node)) }
}
