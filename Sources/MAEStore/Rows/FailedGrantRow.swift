import Foundation
import GRDB

/// A grant that ended without a result.
struct FailedGrantRow: StoreRow {
    static let databaseTableName = "failed_grants"

    let run: Int64
    let lease: Int
    /// The bits of an unsigned number.
    let epoch: Int64
    let shard: Int
    let node: Int64
    let ended: Date
    let outcome: String
    let cause: String

    enum CodingKeys: String, CodingKey {
        case run, lease, epoch, shard, node, ended, outcome, cause
    }

    init(_ failure: FailedGrant, run: Int64, node: Int64) {
        (self.run, self.node) = (run, node)
        (lease, epoch, shard) = (failure.lease, Int64(bitPattern: failure.epoch), failure.shard)
        (ended, outcome, cause) = (failure.time, failure.outcome.rawValue, failure.cause)
    }

    /// The failed grants of a run.
    static func of(_ run: Int64) -> QueryInterfaceRequest<FailedGrantRow> { filter(Column(CodingKeys.run) == run) }
}
