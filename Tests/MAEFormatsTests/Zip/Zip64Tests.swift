import Testing

@testable import MAEFormats

@Suite("Zip64")
struct Zip64Tests {
    /// The zip64 end record and its locator, as PyTorch always writes them.
    private static func endRecords(_ offset: Int, _ size: Int, _ count: Int, start: Int? = nil) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(little: UInt32(0x0606_4B50))
        bytes.append(little: UInt64(44))
        bytes.append(little: UInt16(45))  // made by
        bytes.append(little: UInt16(45))  // needed
        bytes.append(little: UInt64(0))  // disks
        for value in [count, count, size, offset] { bytes.append(little: UInt64(value)) }
        bytes.append(little: UInt32(0x0706_4B50))
        bytes.append(little: UInt32(0))
        bytes.append(little: UInt64(start ?? offset + size))
        bytes.append(little: UInt32(1))
        return bytes
    }

    private static func archive(
        localExtra: [UInt8] = [], centralExtra: [UInt8] = [], saturates: Bool = false
    ) throws -> ZipArchive {
        var record = ZipBuilder.Record("a/x", [1, 2, 3])
        record.hasDescriptor = true
        record.localExtra = localExtra
        record.centralExtra = centralExtra
        var bytes = ZipBuilder([record]).build()
        if saturates {
            // Size and compressed size of the one directory entry, which is 46 bytes, its name and its extra fields long.
            let entry = bytes.count - 22 - 46 - 3 - centralExtra.count
            bytes.replaceSubrange(entry + 20..<entry + 28, with: [UInt8](repeating: 0xFF, count: 8))
        }
        return try ZipArchive(ByteView(copying: bytes), path: "a.zip")
    }

    private static func extra(_ values: [UInt64], id: UInt16 = 1) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(little: id)
        bytes.append(little: UInt16(values.count * 8))
        for value in values { bytes.append(little: value) }
        return bytes
    }

    @Test("a zip64 end record that agrees is legal, one that does not is refused")
    func endRecord() throws {
        var zip = ZipBuilder([.init("a/x", [1])])
        zip.beforeEnd = { Self.endRecords($0, $1, $2) }
        #expect(try ZipArchive(ByteView(copying: zip.build()), path: "a.zip").entries.count == 1)
        let lies: [@Sendable (Int, Int, Int) -> [UInt8]] = [
            { Self.endRecords($0 + 1, $1, $2) }, { Self.endRecords($0, $1 + 1, $2) },
            { Self.endRecords($0, $1, $2 + 1) }, { Self.endRecords($0, $1, $2, start: $0) },
            { Self.endRecords($0, $1, $2, start: Int.max) }, { Self.endRecords($0, $1, $2) + [0] },
        ]
        for lie in lies {
            zip.beforeEnd = lie
            let error = #expect(throws: CheckpointError.self) {
                try ZipArchive(ByteView(copying: zip.build()), path: "a.zip")
            }
            #expect(error?.place == "zip end record")
        }
    }

    @Test("saturated sizes are taken from the zip64 field")
    func sizes() throws {
        let archive = try Self.archive(centralExtra: Self.extra([3, 3]), saturates: true)
        #expect(try archive.contents(of: archive.entries[0]).bytes == [1, 2, 3])
        let padded = try Self.archive(
            centralExtra: Self.extra([0], id: 0x4246) + Self.extra([3, 3]) + [0], saturates: true)
        #expect(padded.entries[0].size == 3)
    }

    @Test(
        "zip64 fields that are missing, short, doubled, contradictory or huge are refused",
        arguments: [
            [], extra([3]), extra([3, 3]) + extra([3, 3]), extra([3, 4]), extra([3, 3, 1]),
            extra([.max, .max]), extra([1 << 62, 1 << 62]),
        ])
    func badSizes(_ extra: [UInt8]) throws {
        #expect(throws: CheckpointError.self) { try Self.archive(centralExtra: extra, saturates: true) }
    }

    @Test("a zip64 field that contradicts sizes of 32 bits is refused")
    func contradiction() throws {
        #expect(throws: CheckpointError.self) { try Self.archive(centralExtra: Self.extra([4, 4, 0])) }
        #expect(try Self.archive(centralExtra: Self.extra([3, 3, 0])).entries[0].size == 3)
    }
}
