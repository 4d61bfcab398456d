/// One record of a zip archive, as the central directory describes it.
package struct ZipEntry: Sendable {
    /// Name with `/` between folders: relative, without `..`, valid UTF-8.
    package let name: String
    /// Whether the bytes lie in the file as they are.
    package let isStored: Bool
    /// Bytes the record takes in the file.
    package let compressedSize: Int
    /// Bytes of the content.
    package let size: Int
    /// CRC-32 of the content, as stated.
    package let crc32: UInt32
    /// Where the local header begins.
    let headerOffset: Int
    let flags: UInt16

    /// Whether this names a folder, which has no content.
    package var isFolder: Bool { name.utf8.last == UInt8(ascii: "/") }

    /// Reads the directory entry at `offset` of `bytes` and moves `offset` past it.
    init(_ bytes: ByteView, at offset: inout Int, of path: String) throws(CheckpointError) {
        let start = offset
        let malformed = { (message: String) in
            CheckpointError(
                .malformedFile, path: path, place: "zip directory, byte \(start)",
                message + " The file is damaged; fetch or save it again.")
        }
        guard let header = bytes.slice(at: start, count: ZipFormat.centralHeaderSize),
            header.load(at: 0, as: UInt32.self) == ZipFormat.centralSignature,
            let nameLength = header.load(at: 28, as: UInt16.self).map(Int.init),
            let extraLength = header.load(at: 30, as: UInt16.self).map(Int.init),
            let commentLength = header.load(at: 32, as: UInt16.self).map(Int.init),
            let name = bytes.slice(at: start + ZipFormat.centralHeaderSize, count: nameLength),
            let extra = bytes.slice(at: start + ZipFormat.centralHeaderSize + nameLength, count: extraLength),
            let flags = header.load(at: 8, as: UInt16.self),
            let method = header.load(at: 10, as: UInt16.self),
            let crc32 = header.load(at: 16, as: UInt32.self),
            let compressedSize = header.load(at: 20, as: UInt32.self).map(UInt64.init),
            let size = header.load(at: 24, as: UInt32.self).map(UInt64.init),
            let disk = header.load(at: 34, as: UInt16.self),
            let headerOffset = header.load(at: 42, as: UInt32.self).map(UInt64.init)
        else { throw malformed("The directory holds something that is no entry.") }
        self.name = try Self.checkedName(name, malformed)
        guard flags & ZipFormat.encryptionFlags == 0 else {
            throw CheckpointError(
                .unsupportedFormat, path: path, place: "record \(self.name)",
                "is marked as encrypted; save the checkpoint without a password.")
        }
        guard method == ZipFormat.stored || method == ZipFormat.deflated else {
            throw CheckpointError(
                .unsupportedFormat, path: path, place: "record \(self.name)",
                "is compressed with method \(method); pack it again, stored or deflated.")
        }
        var fields = [size, compressedSize, headerOffset]
        guard ZipExtra(extra).fill(&fields) else {
            throw malformed("The zip64 sizes of \(self.name) are missing, too short, doubled or contradictory.")
        }
        guard disk == 0, let size = Int(exactly: fields[0]), let compressedSize = Int(exactly: fields[1]),
            let headerOffset = Int(exactly: fields[2])
        else { throw malformed("The sizes of \(self.name) cannot be.") }
        isStored = method == ZipFormat.stored
        guard !isStored || size == compressedSize else {
            throw malformed("\(self.name) is stored as it is and has two sizes, \(size) and \(compressedSize).")
        }
        self.size = size
        self.compressedSize = compressedSize
        self.crc32 = crc32
        self.headerOffset = headerOffset
        self.flags = flags
        offset = start + ZipFormat.centralHeaderSize + nameLength + extraLength + commentLength
    }

    /// Names must be usable as keys: none that another reader would take for another file, or for one outside.
    private static func checkedName(
        _ bytes: ByteView, _ malformed: (String) -> CheckpointError
    ) throws(CheckpointError) -> String {
        guard let name = String(validating: bytes.bytes, as: UTF8.self), !name.isEmpty else {
            throw malformed("The name of a record is empty or not UTF-8.")
        }
        // By bytes, not characters: a slash with a combining mark behind it is still a slash to a file system.
        var folders = name.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        if folders.last?.isEmpty ?? false { folders.removeLast() }
        guard !name.utf8.contains(0), !name.utf8.contains(UInt8(ascii: "\\")),
            folders.allSatisfy({ !$0.isEmpty && !$0.elementsEqual(".".utf8) && !$0.elementsEqual("..".utf8) })
        else { throw malformed("A record has the unsafe name '\(name)'.") }
        return name
    }
}
