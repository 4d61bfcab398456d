import GRDB

extension ResultRow {
    static var columns: [String] { (checkedColumns + [.received, .checksum]).map(\.rawValue) }

    /// All columns but for the row's number, the time and the checksum itself.
    var checked: [DatabaseValue] { Self.checkedColumns.map { value($0) ?? .null } }

    var unchecked: [DatabaseValue] { [received.timeIntervalSince1970.databaseValue] }

    private static let checkedColumns = CodingKeys.allCases.filter { ![.id, .received, .checksum].contains($0) }

    private func value(_ column: CodingKeys) -> DatabaseValue? {
        switch column {
        case .id: id?.databaseValue
        case .run: run.databaseValue
        case .shard: shard.databaseValue
        case .node: node.databaseValue
        case .context: context.databaseValue
        case .batch: batch.databaseValue
        case .seed: seed.databaseValue
        case .received: received.timeIntervalSince1970.databaseValue
        case .digests: digests.databaseValue
        case .loadSeconds: loadSeconds?.databaseValue
        case .inputSeconds: inputSeconds?.databaseValue
        case .forwardSeconds: forwardSeconds?.databaseValue
        case .pooledShape: pooledShape.databaseValue
        case .pooled: pooled.databaseValue
        case .layernormShape: layernormShape?.databaseValue
        case .layernormFile: layernormFile?.databaseValue
        case .fingerprints: fingerprints?.databaseValue
        case .details: details?.databaseValue
        case .checksum: checksum?.databaseValue
        }
    }
}
