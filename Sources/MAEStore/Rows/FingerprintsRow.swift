import Foundation
import GRDB
import MAETensor

/// The parameters that a node loaded, under the digest of the bytes: 64 hexadecimal digits.
struct FingerprintsRow: StoreRow {
    static let databaseTableName = "manifests"

    let digest: String
    /// A ``StoredFingerprints``.
    let content: Data

    enum CodingKeys: String, CodingKey {
        case digest, content
    }

    /// A list that is encoded already.
    init(content: Data) {
        self.content = content
        digest = "\(SHA256Digest(of: content))"
    }

    /// Whether the bytes are those that were stored.
    var isWhole: Bool { digest == "\(SHA256Digest(of: content))" }

    /// Removes what no result has.
    static func removeUnused(_ database: Database) throws {
        try database.execute(
            sql: "DELETE FROM manifests WHERE digest NOT IN (SELECT manifest FROM results WHERE manifest IS NOT NULL)")
    }
}
