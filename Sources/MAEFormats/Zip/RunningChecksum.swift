/// The checksum of one record, taken from its bytes as they pass by.
package struct RunningChecksum {
    private let record: UnverifiedRecord
    private let whenGood: () -> Void
    private var value: UInt32 = 0

    init(_ record: UnverifiedRecord, whenGood: @escaping () -> Void) {
        self.record = record
        self.whenGood = whenGood
    }

    /// Takes the next bytes of the record.
    package mutating func update(_ bytes: UnsafeRawBufferPointer) {
        if record.archive.hasChecksums { value = CRC32.of(bytes, continuing: value) }
    }

    /// Compares, when all bytes have passed; the record counts as verified from then on.
    package func finish() throws(CheckpointError) {
        try record.archive.verify(value, of: record.entry)
        whenGood()
    }
}
