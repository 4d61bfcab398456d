/// The header in front of the bytes of a record, which repeats what the directory says.
enum ZipLocalHeader {
    /// Where the bytes of `entry` lie, after its local header was found to agree with the directory.
    static func content(
        of entry: ZipEntry, in bytes: ByteView, before limit: Int, path: String
    ) throws(CheckpointError) -> Range<Int> {
        let malformed = { (message: String) in
            CheckpointError(
                .malformedFile, path: path, place: "record \(entry.name)",
                message + " The file is damaged; fetch or save it again.")
        }
        let offset = entry.headerOffset
        guard let header = bytes.slice(at: offset, count: ZipFormat.localHeaderSize),
            header.load(at: 0, as: UInt32.self) == ZipFormat.localSignature,
            let flags = header.load(at: 6, as: UInt16.self), let method = header.load(at: 8, as: UInt16.self),
            let crc32 = header.load(at: 14, as: UInt32.self),
            let compressedSize = header.load(at: 18, as: UInt32.self).map(UInt64.init),
            let size = header.load(at: 22, as: UInt32.self).map(UInt64.init),
            let nameLength = header.load(at: 26, as: UInt16.self).map(Int.init),
            let extraLength = header.load(at: 28, as: UInt16.self).map(Int.init),
            let name = bytes.slice(at: offset + ZipFormat.localHeaderSize, count: nameLength),
            let extra = bytes.slice(at: offset + ZipFormat.localHeaderSize + nameLength, count: extraLength)
        else { throw malformed("Its local header, at byte \(offset), is not there.") }
        guard name.has(Array(entry.name.utf8)), name.count == entry.name.utf8.count else {
            throw malformed("Its local header has another name, '\(String(decoding: name.bytes, as: UTF8.self))'.")
        }
        guard flags & ZipFormat.encryptionFlags == 0,
            (method == ZipFormat.stored) == entry.isStored, method == ZipFormat.stored || method == ZipFormat.deflated
        else { throw malformed("Its local header has another compression or encryption than the directory.") }
        // With a data descriptor the local sizes and CRC need not be filled in.
        if flags & ZipFormat.descriptorFlag == 0 {
            var sizes = [size, compressedSize]
            guard ZipExtra(extra).fill(&sizes), sizes == [UInt64(entry.size), UInt64(entry.compressedSize)],
                crc32 == entry.crc32
            else { throw malformed("Its local header has other sizes or another CRC than the directory.") }
        }
        let start = offset + ZipFormat.localHeaderSize + nameLength + extraLength
        guard start <= limit, entry.compressedSize <= limit - start else {
            throw malformed("Its \(entry.compressedSize) bytes at byte \(start) reach into the directory.")
        }
        return start..<start + entry.compressedSize
    }
}
