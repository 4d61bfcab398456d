@testable import MAEFormats

/// Builds zip archives byte by byte, right ones and wrong ones.
struct ZipBuilder: Sendable {
    /// A record, with the lies that its headers may tell.
    struct Record: Sendable {
        var name: [UInt8]
        /// Name in the local header, when it is another.
        var localName: [UInt8]?
        /// The bytes in the file, compressed when `method` says so.
        var data: [UInt8]
        /// Stated size of the content; nil for the number of bytes.
        var size: UInt32?
        /// Stated CRC; nil for the right one.
        var crc32: UInt32?
        var method: UInt16 = 0
        var flags: UInt16 = 0
        /// Size, compressed size and CRC of the local header are zero and follow the data.
        var hasDescriptor = false
        var localExtra: [UInt8] = []
        var centralExtra: [UInt8] = []
        /// Stated offset of the local header; nil for the right one.
        var offset: UInt32?
        /// Whether the record stands in the directory.
        var isListed = true

        init(_ name: String, _ data: [UInt8]) {
            self.name = Array(name.utf8)
            self.data = data
        }
    }

    var records: [Record] = []
    var comment: [UInt8] = []
    /// Stated number of entries; nil for the right one.
    var entryCount: UInt16?
    /// Added to the stated offset of the directory.
    var directoryShift: Int64 = 0
    /// Bytes between the directory and the end record.
    var beforeEnd: @Sendable (_ directoryOffset: Int, _ directorySize: Int, _ count: Int) -> [UInt8] = { _, _, _ in [] }

    init(_ records: [Record] = []) { self.records = records }

    /// A whole archive of torch.save: a pickle and its storages, in the folder `archive`.
    static func torch(
        pickle: [UInt8], storages: [String: [UInt8]] = [:], version: String? = "3\n", byteOrder: String? = "little",
        folder: String = "archive"
    ) -> ZipBuilder {
        var zip = ZipBuilder([Record(folder + "/data.pkl", pickle)])
        if let byteOrder { zip.records.append(Record(folder + "/byteorder", Array(byteOrder.utf8))) }
        for (key, bytes) in storages.sorted(by: { $0.key < $1.key }) {
            zip.records.append(Record(folder + "/data/" + key, bytes))
        }
        if let version { zip.records.append(Record(folder + "/version", Array(version.utf8))) }
        return zip
    }

    /// The archive.
    func build() -> [UInt8] {
        var bytes: [UInt8] = []
        var directory: [UInt8] = []
        for record in records {
            let offset = record.offset ?? UInt32(bytes.count)
            let crc32 = record.crc32 ?? record.data.withUnsafeBytes { CRC32.of($0) }
            let size = record.size ?? UInt32(record.data.count)
            let compressed = UInt32(record.data.count)
            let flags = record.flags | (record.hasDescriptor ? 8 : 0)
            let name = record.localName ?? record.name
            bytes.append(little: UInt32(0x0403_4B50))
            bytes.append(little: UInt16(20))
            bytes.append(little: flags)
            bytes.append(little: record.method)
            bytes.append(little: UInt32(0))
            for value in record.hasDescriptor ? [0, 0, 0] : [crc32, compressed, size] { bytes.append(little: value) }
            bytes.append(little: UInt16(name.count))
            bytes.append(little: UInt16(record.localExtra.count))
            bytes += name + record.localExtra + record.data
            if record.hasDescriptor {
                for value in [0x0807_4B50, crc32, compressed, size] { bytes.append(little: value) }
            }
            guard record.isListed else { continue }
            directory.append(little: UInt32(0x0201_4B50))
            directory.append(little: UInt16(20))
            directory.append(little: UInt16(20))
            directory.append(little: flags)
            directory.append(little: record.method)
            directory.append(little: UInt32(0))
            for value in [crc32, compressed, size] { directory.append(little: value) }
            directory.append(little: UInt16(record.name.count))
            directory.append(little: UInt16(record.centralExtra.count))
            directory += [UInt8](repeating: 0, count: 10)
            directory.append(little: offset)
            directory += record.name + record.centralExtra
        }
        let start = bytes.count
        let count = records.count { $0.isListed }
        bytes += directory
        bytes += beforeEnd(start, directory.count, count)
        bytes.append(little: UInt32(0x0605_4B50))
        bytes.append(little: UInt32(0))
        bytes.append(little: entryCount ?? UInt16(count))
        bytes.append(little: entryCount ?? UInt16(count))
        bytes.append(little: UInt32(directory.count))
        bytes.append(little: UInt32(truncatingIfNeeded: Int64(start) + directoryShift))
        bytes.append(little: UInt16(comment.count))
        return bytes + comment
    }
}
