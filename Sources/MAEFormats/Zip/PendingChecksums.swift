import Synchronization

/// A record of a zip archive whose CRC was not compared with its content yet.
package struct UnverifiedRecord: Sendable {
    let entry: ZipEntry
    let archive: ZipArchive

    /// Reads the record and compares.
    func verify() throws(CheckpointError) { try archive.verify(entry) }
}

/// Records that are to be verified: each at the latest before anything that comes of them is used, and only one time.
package final class PendingChecksums: Sendable {
    private let records: [UnverifiedRecord]
    /// Positions of stored records, by the address at which they begin.
    private let positions: [UInt: Int]
    private let verdicts: [Verdict]

    /// Whether a record was verified; held by the thread that verifies it, so that all others wait for the verdict.
    private final class Verdict: Sendable {
        let isGood = Mutex(false)
    }

    package init(_ records: [UnverifiedRecord]) {
        self.records = records
        var positions: [UInt: Int] = [:]
        for (position, record) in records.enumerated() where record.entry.isStored && record.entry.size > 0 {
            positions[record.archive.raw(record.entry).withUnsafeBytes { UInt(bitPattern: $0.baseAddress) }] = position
        }
        self.positions = positions
        verdicts = records.map { _ in Verdict() }
    }

    /// Verifies the record that lies, as it is, at `address`; does nothing when there is none, or it was verified.
    package func verifyRecord(at address: UnsafeRawPointer?) throws(CheckpointError) {
        if let position = positions[UInt(bitPattern: address)] { try verify(position) }
    }

    /// The checksum of the record that lies, as it is, in exactly `bytes`, to be taken while they are read for something else; nil
    /// when there is none, or it was verified.
    package func running(over bytes: UnsafeRawBufferPointer) -> RunningChecksum? {
        guard let position = positions[UInt(bitPattern: bytes.baseAddress)],
            records[position].entry.size == bytes.count, !verdicts[position].isGood.withLock(\.self)
        else { return nil }
        return RunningChecksum(records[position]) { self.verdicts[position].isGood.withLock { $0 = true } }
    }

    /// Verifies all records that were not verified yet, on all cores; throws for the first that does not match.
    package func verifyAll() throws(CheckpointError) {
        _ = try Parallel.map(Array(records.indices)) { position throws(CheckpointError) in
            if try verify(position) { records[position].archive.raw(records[position].entry).relinquish() }
        }
    }

    /// Returns whether the record was read for it.
    @discardableResult
    private func verify(_ position: Int) throws(CheckpointError) -> Bool {
        try verdicts[position].isGood.withLock { isGood throws(CheckpointError) in
            if isGood { return false }
            try records[position].verify()
            isGood = true
            return true
        }
    }
}
