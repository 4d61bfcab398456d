import Testing

@testable import MAEFormats

@Suite("Deflated records")
struct ZipDeflateTests {
    /// 300 bytes `abcabc…` as Python's zlib deflates them (level 9, raw).
    private static let deflated: [UInt8] = [0x4B, 0x4C, 0x4A, 0x4E, 0x1C, 0x45, 0xC4, 0x21, 0x00]
    private static let content = (0..<100).flatMap { _ in Array("abc".utf8) }

    private static func archive(
        _ data: [UInt8], size: Int = content.count, crc32: UInt32? = nil
    ) throws -> ZipArchive {
        var record = ZipBuilder.Record("a/x", data)
        record.method = 8
        record.size = UInt32(size)
        record.crc32 = crc32 ?? content.withUnsafeBytes { CRC32.of($0) }
        return try ZipArchive(ByteView(copying: ZipBuilder([record]).build()), path: "a.zip")
    }

    @Test("a deflated record is inflated")
    func inflate() throws {
        let archive = try Self.archive(Self.deflated)
        #expect(try archive.contents(of: archive.entries[0]).bytes == Self.content)
    }

    @Test("an empty deflated record is empty")
    func empty() throws {
        let archive = try Self.archive([3, 0], size: 0, crc32: 0)
        #expect(try archive.contents(of: archive.entries[0]).count == 0)
    }

    @Test("a wrong size, CRC or stream is refused")
    func damage() throws {
        let wrong = [
            try Self.archive(Self.deflated, size: 299), try Self.archive(Self.deflated, size: 301),
            try Self.archive(Self.deflated, crc32: 1), try Self.archive(Self.deflated.dropLast()),
            try Self.archive(Self.deflated + [0]), try Self.archive([0xFF, 0xFF]), try Self.archive([]),
        ]
        for archive in wrong {
            #expect(throws: CheckpointError.self) { try archive.contents(of: archive.entries[0]) }
        }
    }

    @Test("a size that no deflate stream can reach is refused before memory is taken")
    func bomb() throws {
        let archive = try Self.archive(Self.deflated, size: 0xFFFF_FFF0)
        let error = #expect(throws: CheckpointError.self) { try archive.contents(of: archive.entries[0]) }
        #expect(error?.message.contains("cannot hold") == true)
    }
}
