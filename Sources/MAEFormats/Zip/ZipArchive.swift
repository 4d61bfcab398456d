/// A zip archive in a mapped file, checked whole before any record is read.
///
/// Deliberately stricter than unzip programs: whatever two readers could understand differently is refused. Every record
/// has one name and a place of its own, and the local headers agree with the directory.
package struct ZipArchive: Sendable {
    /// Most records an archive may have.
    package static let maximumEntryCount = 1 << 20

    /// The file.
    package let path: String
    /// All records in the order of the directory, folders left out.
    package let entries: [ZipEntry]
    /// Whether the archive has checksums: false when it states CRC 0 for every record, as PyTorch does with
    /// `torch.utils.serialization.config.save.compute_crc32 = False`.
    let hasChecksums: Bool
    let bytes: ByteView
    private let positions: [String: Int]
    private let contents: [Range<Int>]

    /// Reads the directory of the archive in `bytes`.
    package init(_ bytes: ByteView, path: String) throws(CheckpointError) {
        let end = try ZipDirectoryEnd(of: bytes, path: path)
        guard end.entryCount <= Self.maximumEntryCount else {
            throw CheckpointError(
                .overBudget, path: path, place: "zip end record",
                "an archive of \(end.entryCount) records; no checkpoint needs more than \(Self.maximumEntryCount).")
        }
        guard let directory = bytes.slice(at: end.offset, count: end.size) else {
            preconditionFailure("the end record was checked")
        }
        var entries: [ZipEntry] = []
        var offset = 0
        while offset < directory.count, entries.count < end.entryCount {
            entries.append(try ZipEntry(directory, at: &offset, of: path))
        }
        guard offset == directory.count, entries.count == end.entryCount else {
            throw CheckpointError(
                .malformedFile, path: path, place: "zip directory",
                "does not hold the \(end.entryCount) entries that the end record announces. The file is damaged; fetch "
                    + "or save it again.")
        }
        let regions = try Self.regions(of: entries, in: bytes, before: end.offset, path: path)
        var positions: [String: Int] = [:]
        var records: [ZipEntry] = []
        var contents: [Range<Int>] = []
        for (entry, content) in zip(entries, regions) where !entry.isFolder {
            guard positions.updateValue(records.count, forKey: entry.name) == nil else {
                throw CheckpointError(
                    .malformedFile, path: path, place: "record \(entry.name)",
                    "is there twice; keep one of the two and pack the archive again.")
            }
            records.append(entry)
            contents.append(content)
        }
        self.path = path
        self.bytes = bytes
        self.entries = records
        hasChecksums = records.contains { $0.crc32 != 0 }
        self.positions = positions
        self.contents = contents
    }

    /// The record of this name, or nil.
    package func entry(named name: String) -> ZipEntry? { positions[name].map { entries[$0] } }

    /// The bytes of a record as they lie in the file, compressed or not.
    func raw(_ entry: ZipEntry) -> ByteView {
        guard let position = positions[entry.name],
            let view = bytes.slice(at: contents[position].lowerBound, count: contents[position].count)
        else { preconditionFailure("every entry has a checked place") }
        return view
    }

    /// The place of a record, for messages.
    package func location(of entry: ZipEntry) -> CheckpointLocation {
        CheckpointLocation(path: path, place: "record \(entry.name)")
    }

    /// Checks the local headers and returns where the bytes of each record lie: all before the directory, none twice.
    private static func regions(
        of entries: [ZipEntry], in bytes: ByteView, before limit: Int, path: String
    ) throws(CheckpointError) -> [Range<Int>] {
        var regions: [Range<Int>] = []
        for entry in entries {
            regions.append(try ZipLocalHeader.content(of: entry, in: bytes, before: limit, path: path))
        }
        let order = entries.indices.sorted { entries[$0].headerOffset < entries[$1].headerOffset }
        for (first, second) in zip(order, order.dropFirst())
        where entries[second].headerOffset < regions[first].upperBound {
            throw CheckpointError(
                .malformedFile, path: path, place: "record \(entries[second].name)",
                "shares bytes with record \(entries[first].name). The file is damaged; fetch or save it again.")
        }
        return regions
    }
}
