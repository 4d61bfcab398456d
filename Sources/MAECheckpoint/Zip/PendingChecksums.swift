import Synchronization

/// A record of a zip archive whose CRC was not compared with its content yet.
struct UnverifiedRecord: Sendable {
    let entry: ZipEntry
    let archive: ZipArchive

    /// Reads the record and compares.
    func verify() throws(CheckpointError) { try archive.verify(entry) }
}

/// Records that are to be verified: each at the latest before anything that comes of them is used, and only one time.
final class PendingChecksums: Sendable {
    private let records: [UnverifiedRecord]
    /// Positions of stored records, by the address at which they begin.
    private let positions: [UInt: Int]
    /// Which records were verified, or are being verified by somebody.
    private let isTaken: Mutex<[Bool]>

    init(_ records: [UnverifiedRecord]) {
        self.records = records
        var positions: [UInt: Int] = [:]
        for (position, record) in records.enumerated() where record.entry.isStored && record.entry.size > 0 {
            positions[record.archive.raw(record.entry).withUnsafeBytes { UInt(bitPattern: $0.baseAddress) }] = position
        }
        self.positions = positions
        isTaken = Mutex(Array(repeating: false, count: records.count))
    }

    /// Verifies the record that lies, as it is, at `address`; does nothing when there is none, or it was verified.
    ///
    /// A call beside another for the same record does not wait for that one's verdict.
    func verifyRecord(at address: UnsafeRawPointer?) throws(CheckpointError) {
        if let position = positions[UInt(bitPattern: address)] { try verify(position) }
    }

    /// Verifies all records that were not verified yet, on all cores; throws for the first that does not match.
    func verifyAll() throws(CheckpointError) {
        let rest = isTaken.withLock { isTaken in isTaken.indices.filter { !isTaken[$0] } }
        _ = try Parallel.map(rest) { position throws(CheckpointError) in
            try verify(position)
            records[position].archive.raw(records[position].entry).relinquish()
        }
    }

    private func verify(_ position: Int) throws(CheckpointError) {
        let isMine = isTaken.withLock { isTaken in
            defer { isTaken[position] = true }
            return !isTaken[position]
        }
        guard isMine else { return }
        do {
            try records[position].verify()
        } catch {
            // Whoever asks again is told again.
            isTaken.withLock { $0[position] = false }
            throw error
        }
    }
}
