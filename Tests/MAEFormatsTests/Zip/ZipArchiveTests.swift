import Testing

@testable import MAEFormats

@Suite("Zip archives")
struct ZipArchiveTests {
    private static func open(_ zip: ZipBuilder) throws -> ZipArchive {
        try ZipArchive(ByteView(copying: zip.build()), path: "a.zip")
    }

    private static func refusal(_ bytes: [UInt8]) -> CheckpointError? {
        #expect(throws: CheckpointError.self) {
            let archive = try ZipArchive(ByteView(copying: bytes), path: "a.zip")
            for entry in archive.entries { try archive.verify(entry) }
        }
    }

    private static func refusal(_ zip: ZipBuilder) -> CheckpointError? { refusal(zip.build()) }

    private static let two = ZipBuilder([.init("a/one", [1, 2, 3]), .init("a/two", [4, 5])])

    @Test("records are found by name, where they lie in the file")
    func records() throws {
        let archive = try Self.open(Self.two)
        #expect(archive.entries.map(\.name) == ["a/one", "a/two"])
        let entry = try #require(archive.entry(named: "a/two"))
        #expect(try archive.contents(of: entry).bytes == [4, 5])
        #expect(try archive.contents(of: entry).storage === archive.bytes.storage)
        #expect(archive.entry(named: "a/three") == nil)
    }

    @Test("an archive without records is legal")
    func noRecords() throws { #expect(try Self.open(ZipBuilder()).entries.isEmpty) }

    @Test("folders, comments and data descriptors are legal")
    func legalOddities() throws {
        var zip = Self.two
        zip.records.insert(.init("a/", []), at: 0)
        zip.records[1].hasDescriptor = true
        zip.comment = Array("a comment".utf8)
        let archive = try Self.open(zip)
        #expect(archive.entries.map(\.name) == ["a/one", "a/two"])
        for entry in archive.entries { try archive.verify(entry) }
    }

    @Test("no bytes, no end record and a split archive are refused")
    func endRecord() throws {
        #expect(Self.refusal([])?.place == "zip end record")
        #expect(Self.refusal([UInt8](repeating: 0, count: 100))?.place == "zip end record")
        var split = Self.two.build()
        split[split.count - 18] = 1
        #expect(Self.refusal(split)?.message.contains("split over several files") == true)
    }

    @Test("a comment that holds an end record makes two, which is refused")
    func fakeEndRecord() throws {
        var zip = Self.two
        zip.comment = ZipBuilder().build()
        #expect(Self.refusal(zip)?.message.contains("There are 2") == true)
        // One that does not reach the end of the file is only text.
        zip.comment += [0]
        #expect(try Self.open(zip).entries.count == 2)
    }

    @Test("a directory elsewhere than before the end record is refused", arguments: [-1, 1, 40, 1 << 31])
    func shiftedDirectory(_ shift: Int64) throws {
        var zip = Self.two
        zip.directoryShift = shift
        #expect(Self.refusal(zip)?.place == "zip end record")
    }

    @Test("bytes before the archive are refused")
    func junkBefore() throws { #expect(Self.refusal([0, 1, 2] + Self.two.build()) != nil) }

    @Test("a wrong number of entries is refused", arguments: [0, 1, 3, 60000])
    func lyingEntryCount(_ count: UInt16) throws {
        var zip = Self.two
        zip.entryCount = count
        #expect(Self.refusal(zip) != nil)
    }

    @Test("a local header that names another record is refused")
    func otherLocalName() throws {
        var zip = Self.two
        zip.records[1].localName = Array("a/tvo".utf8)
        #expect(Self.refusal(zip)?.message.contains("another name, 'a/tvo'") == true)
    }

    @Test("a record marked as encrypted is refused", arguments: [0, 6, 13])
    func encryption(_ bit: UInt16) throws {
        var zip = Self.two
        zip.records[0].flags = 1 << bit
        #expect(Self.refusal(zip)?.code == .unsupportedFormat)
    }

    @Test("a wrong CRC is found, naming the record")
    func wrongCRC() throws {
        var zip = Self.two
        zip.records[1].crc32 = 7
        #expect(Self.refusal(zip)?.place == "record a/two")
    }

    @Test("records that share bytes are refused")
    func overlap() throws {
        var zip = Self.two
        zip.records.append(.init("a/one", []))
        zip.records[1].isListed = false
        zip.records[2] = zip.records[0]
        zip.records[2].offset = 0
        #expect(Self.refusal(zip)?.message.contains("shares bytes") == true)
    }

    @Test("a name that comes twice is refused")
    func duplicateName() throws {
        var zip = Self.two
        zip.records[1].name = zip.records[0].name
        #expect(Self.refusal(zip)?.message.contains("twice") == true)
    }

    @Test(
        "names that lead elsewhere are refused",
        arguments: ["../x", "a/../b", "/etc/passwd", "a//b", "./a", "a\\b", "a\0b", "", "..", "a/..", "../"])
    func unsafeName(_ name: String) throws {
        #expect(Self.refusal(ZipBuilder([.init(name, [])])) != nil)
    }

    @Test("a name that is not UTF-8 is refused")
    func nameEncoding() throws {
        var zip = Self.two
        zip.records[0].name = [0xFF, 0xFE]
        #expect(Self.refusal(zip) != nil)
    }

    @Test("a size beyond the file is refused")
    func hugeSize() throws {
        var zip = Self.two
        zip.records[0].size = 0x7FFF_FFFF
        #expect(Self.refusal(zip)?.message.contains("two sizes") == true)
        var header = Self.two.build()
        let size = [UInt8](repeating: 0x7F, count: 8)
        header.replaceSubrange(18..<26, with: size)
        let directory = 33 + 2 + 30 + 10
        header.replaceSubrange(directory + 20..<directory + 28, with: size)
        #expect(Self.refusal(header) != nil)
    }

    @Test("a compression that is not read is refused, naming its number")
    func otherMethod() throws {
        var zip = Self.two
        zip.records[0].method = 93
        #expect(Self.refusal(zip)?.message.contains("method 93") == true)
    }
}
