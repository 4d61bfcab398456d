/// Where the directory of a zip archive lies, from the records at the end of the file.
struct ZipDirectoryEnd {
    /// Number of entries.
    let entryCount: Int
    /// Where the directory begins.
    let offset: Int
    /// Bytes of the directory.
    let size: Int

    /// Finds and checks the end record of `bytes`, with its zip64 companions.
    ///
    /// There must be exactly one end record whose comment reaches the end of the file, and the directory must end where
    /// the end records begin: then no two readers can see two different archives in one file.
    init(of bytes: ByteView, path: String) throws(CheckpointError) {
        let malformed = { (message: String) in
            CheckpointError(
                .malformedFile, path: path, place: "zip end record",
                message + " The file is cut off or damaged; fetch or save it again.")
        }
        let candidates = Self.candidates(in: bytes)
        guard let end = candidates.first else { throw malformed("There is none in this zip archive.") }
        guard candidates.count == 1 else { throw malformed("There are \(candidates.count) in this zip archive.") }
        guard let record = bytes.slice(at: end, count: ZipFormat.endRecordSize),
            let disk = record.load(at: 4, as: UInt16.self), let directoryDisk = record.load(at: 6, as: UInt16.self),
            let countHere = record.load(at: 8, as: UInt16.self).map(UInt64.init),
            let count = record.load(at: 10, as: UInt16.self).map(UInt64.init),
            let size = record.load(at: 12, as: UInt32.self).map(UInt64.init),
            let offset = record.load(at: 16, as: UInt32.self).map(UInt64.init)
        else { throw malformed("It is not whole.") }
        guard disk == directoryDisk, disk == 0 || disk == UInt16.max, countHere == count else {
            throw malformed("The archive is split over several files.")
        }
        var fields = (count: count, size: size, offset: offset)
        var directoryEnd = end
        if let zip64 = try Self.zip64(before: end, of: bytes, malformed) {
            guard
                [
                    (count, ZipFormat.saturated16, zip64.count), (size, ZipFormat.saturated32, zip64.size),
                    (offset, ZipFormat.saturated32, zip64.offset),
                ]
                .allSatisfy({ short, saturated, long in short == saturated || short == long })
            else { throw malformed("The record and its zip64 record contradict each other.") }
            fields = (zip64.count, zip64.size, zip64.offset)
            directoryEnd = zip64.start
        }
        guard let entryCount = Int(exactly: fields.count), let size = Int(exactly: fields.size),
            let offset = Int(exactly: fields.offset), offset <= directoryEnd, size == directoryEnd - offset
        else {
            throw malformed(
                "It places a directory of \(fields.size) bytes at byte \(fields.offset), which does not end at byte "
                    + "\(directoryEnd).")
        }
        guard entryCount <= size / ZipFormat.centralHeaderSize else {
            throw malformed("It announces \(fields.count) entries in a directory of \(size) bytes.")
        }
        self.entryCount = entryCount
        self.size = size
        self.offset = offset
    }

    /// Whether `bytes` end as a zip archive does, however they begin.
    static func isPresent(in bytes: ByteView) -> Bool { !candidates(in: bytes).isEmpty }

    /// Offsets of all end records whose comment reaches exactly to the end of the file.
    private static func candidates(in bytes: ByteView) -> [Int] {
        let last = bytes.count - ZipFormat.endRecordSize
        guard last >= 0 else { return [] }
        return (max(0, last - ZipFormat.maximumCommentSize)...last).filter { offset in
            bytes.load(at: offset, as: UInt32.self) == ZipFormat.endSignature
                && bytes.load(at: offset + 20, as: UInt16.self).map(Int.init) == last - offset
        }
    }

    private static func zip64(
        before end: Int, of bytes: ByteView, _ malformed: (String) -> CheckpointError
    ) throws(CheckpointError) -> (start: Int, count: UInt64, size: UInt64, offset: UInt64)? {
        guard let locator = bytes.slice(at: end - ZipFormat.locator64Size, count: ZipFormat.locator64Size),
            locator.load(at: 0, as: UInt32.self) == ZipFormat.locator64Signature
        else { return nil }
        guard let start = locator.load(at: 8, as: UInt64.self).flatMap(Int.init(exactly:)),
            let record = bytes.slice(at: start, count: ZipFormat.end64RecordSize),
            record.load(at: 0, as: UInt32.self) == ZipFormat.end64Signature,
            let length = record.load(at: 4, as: UInt64.self).flatMap(Int.init(exactly:)),
            length == end - ZipFormat.locator64Size - start - 12,
            let countHere = record.load(at: 24, as: UInt64.self), let count = record.load(at: 32, as: UInt64.self),
            countHere == count, let size = record.load(at: 40, as: UInt64.self),
            let offset = record.load(at: 48, as: UInt64.self)
        else { throw malformed("Its zip64 record is not whole or not where it should be.") }
        return (start, count, size, offset)
    }
}
