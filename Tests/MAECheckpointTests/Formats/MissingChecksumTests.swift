import MAETensor
import TestSupport
import Testing

@testable import MAECheckpoint
@testable import MAEFormats

@Suite("Archives without checksums")
struct MissingChecksumTests {
    private let folder: TemporaryDirectory

    init() throws { folder = try TemporaryDirectory() }

    /// A golden file whose records state CRC 0, as PyTorch writes them with `compute_crc32=False`; all but those that `keeps`.
    private func unchecked(
        _ name: String, keeping keeps: (String) -> Bool = { _ in false }, changing record: String? = nil
    ) throws -> String {
        var bytes = try Goldens.bytes("checkpoints/\(name)")
        let archive = try ZipArchive(ByteView(copying: bytes), path: name)
        let directory = Self.directory(of: bytes)
        for entry in archive.entries where !keeps(entry.name) {
            bytes.replaceSubrange(entry.headerOffset + 14..<entry.headerOffset + 18, with: [0, 0, 0, 0])
            // The directory repeats it.
            let header = try #require(directory[entry.name])
            bytes.replaceSubrange(header + 16..<header + 20, with: [0, 0, 0, 0])
        }
        if let record {
            let entry = try #require(archive.entries.first { $0.name.hasSuffix(record) })
            bytes[archive.raw(entry).start + 5] ^= 0x10
        }
        return try folder.write("file.pth", bytes)
    }

    /// Where the header of each record stands in the directory, which begins with `PK\1\2` and has the name at byte 46.
    private static func directory(of bytes: [UInt8]) -> [String: Int] {
        var headers: [String: Int] = [:]
        var start = 0
        while let next = bytes[start...].firstIndex(of: 0x50) {
            start = next + 1
            guard next + 46 <= bytes.count, bytes[next...].starts(with: [0x50, 0x4B, 0x01, 0x02]) else { continue }
            let length = Int(bytes[next + 28]) | Int(bytes[next + 29]) << 8
            guard next + 46 + length <= bytes.count else { continue }
            headers[String(decoding: bytes[next + 46..<next + 46 + length], as: UTF8.self)] = next
        }
        return headers
    }

    private func open(_ path: String) throws -> ModelCheckpoint {
        try ModelCheckpoint.open(path, configuration: GoldenWeights.path("hub4"), comparesNeighbors: false)
    }

    @Test(
        "files of every kind are read, and say that nothing would show damage",
        arguments: ["state5.pth", "full5.pth", "lightning.ckpt", "full4.pth"])
    func reads(name: String) throws {
        let golden = try ModelCheckpoint.open(GoldenWeights.path("hub4"))
        let checkpoint = try open(unchecked(name))
        #expect(try checkpoint.fingerprints().sha256 == golden.fingerprints().sha256)
        #expect(checkpoint.findings.contains { $0.message.contains("no checksums") })
        #expect(try !open(GoldenWeights.path(name)).findings.contains { $0.message.contains("no checksums") })
    }

    @Test("one record with CRC 0 among others with theirs is damage")
    func refusesASingleZero() throws {
        for record in ["/data/3", "/data.pkl", "/version"] {
            let path = try unchecked("state5.pth", keeping: { !$0.hasSuffix(record) })
            let error = #expect(throws: CheckpointError.self) { try open(path) }
            #expect(error?.message.contains("CRC-32") == true, "\(String(describing: error))")
        }
    }

    @Test("a changed byte goes unseen there, as in PyTorch, and is seen where checksums are")
    func seesDamageOnlyWithChecksums() throws {
        _ = try open(unchecked("state5.pth", changing: "/data/3"))
        let path = try unchecked("state5.pth", keeping: { _ in true }, changing: "/data/3")
        #expect(throws: CheckpointError.self) { try open(path) }
    }
}
