import Foundation
import GRDB
import MAETensor

/// A row with a checksum, so that bytes which changed on the disk are told from what was stored.
protocol CheckedRow: StoreRow {
    /// The columns that the checksum is of: all that are never written again, but for times.
    var checked: [DatabaseValue] { get }
    /// ``RecordChecksum`` of them, as it was stored; nil in rows of older schemas, and in those that ``RowInsertion`` has yet to insert.
    var checksum: Int64? { get }
}

extension CheckedRow {
    /// Whether the columns are those that were stored.
    var isWhole: Bool { checksum == nil || checksum == RecordChecksum.of(checked) }
}

/// The checksum of a row: the first 8 bytes of a SHA-256.
///
/// Against chance, not against those who may write to the store.
enum RecordChecksum {
    /// Of columns, each with its kind and length.
    static func of(_ columns: [DatabaseValue]) -> Int64 {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(usualByteCount)
        for column in columns {
            switch column.storage {
            case .null: bytes.append(0)
            case .int64(let value): append(1, UInt64(bitPattern: value), to: &bytes)
            // SQLite keeps no number that is none, and one zero.
            case .double(let value) where value.isNaN: bytes.append(0)
            case .double(let value): append(2, (value == 0 ? 0 : value).bitPattern, to: &bytes)
            case .string(let text):
                append(3, UInt64(text.utf8.count), to: &bytes)
                bytes += text.utf8
            case .blob(let blob):
                append(4, UInt64(blob.count), to: &bytes)
                blob.withUnsafeBytes { bytes.append(contentsOf: $0) }
            }
        }
        return SHA256Digest(of: bytes).withUnsafeBytes { Int64(bigEndian: $0.loadUnaligned(as: Int64.self)) }
    }

    /// Enough for a result with a short pooled vector.
    private static let usualByteCount = 1024

    private static func append(_ kind: UInt8, _ number: UInt64, to bytes: inout [UInt8]) {
        bytes.append(kind)
        withUnsafeBytes(of: number.littleEndian) { bytes += $0 }
    }
}
