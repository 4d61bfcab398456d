import Foundation
import GRDB
import MAETensor

/// What the results of one node and method have in common, under the digest of its bytes.
struct ContextRow: StoreRow {
    static let databaseTableName = "contexts"

    private(set) var id: Int64?
    let digest: Data
    /// A ``StoredContext``.
    let content: Data

    enum CodingKeys: String, CodingKey {
        case id, digest, content
    }

    /// A context that is encoded already.
    init(content: Data) {
        self.content = content
        digest = Data(SHA256Digest(of: content).bytes)
    }

    /// Whether the bytes are those that were stored.
    var isWhole: Bool { digest == Data(SHA256Digest(of: content).bytes) }

    mutating func didInsert(_ inserted: InsertionSuccess) { id = inserted.rowID }

    /// The number of the row with this content; nil when there is none.
    func identifier(_ database: Database) throws -> Int64? {
        try Self.filter(Column(CodingKeys.digest) == digest).select(Column(CodingKeys.id), as: Int64.self)
            .fetchOne(database)
    }

    /// Removes what no result has.
    static func removeUnused(_ database: Database) throws {
        try database.execute(sql: "DELETE FROM contexts WHERE id NOT IN (SELECT context FROM results)")
    }
}
