import Foundation
import MAETensor
import TestSupport
import Testing

@testable import MAECheckpoint
@testable import MAEFormats

@Suite("Reading every weight once")
struct WeightReadingTests {
    private func open(_ path: String) throws -> ModelCheckpoint {
        try ModelCheckpoint.openUnverified(path, configuration: GoldenWeights.path("hub4"))
    }

    /// A copy of a golden state dict in which one bit of the record of this number is flipped.
    private func damaged(record number: Int, in folder: TemporaryDirectory) throws -> (path: String, record: String) {
        var bytes = try Goldens.bytes("checkpoints/state5.pth")
        let archive = try ZipArchive(ByteView(copying: bytes), path: "state.pth")
        let record = try #require(archive.entries.first { $0.name.hasSuffix("/data/\(number)") })
        bytes[archive.raw(record).start + 5] ^= 0x10
        return (try folder.write("state.pth", bytes), record.name)
    }

    @Test("hands over the elements and gives the digests of a checkpoint that was verified first")
    func givesDigests() throws {
        for name in ["hub5", "hub-sharded", "hub-fp16", "full4.pth", "state5.pth", "legacy-state.pth"] {
            let expected = try ModelCheckpoint.open(
                GoldenWeights.path(name), configuration: GoldenWeights.path("hub4"))
            let checkpoint = try open(GoldenWeights.path(name))
            for parameter in checkpoint.layout.parameters {
                try checkpoint.read(parameter.name) { tensor in
                    #expect(tensor.shape == parameter.shape)
                    let other = try #require(try expected.tensors[parameter.name]?.tensor())
                    #expect(tensor.hasSameBits(as: other), "\(parameter.name) of \(name)")
                }
            }
            try checkpoint.verifyChecksums()
            #expect(try checkpoint.fingerprints().sha256 == expected.fingerprints().sha256)
            #expect(try checkpoint.fingerprints().entries == expected.fingerprints().entries)
        }
    }

    @Test("a weight that does not match its checksum is never handed over, however often it is asked for")
    func refusesDamagedWeight() throws {
        let folder = try TemporaryDirectory()
        let (path, record) = try damaged(record: 7, in: folder)
        let checkpoint = try open(path)
        let names = checkpoint.layout.parameters.map(\.name)
        let name = try #require(names.first { checkpoint.tensors[$0]?.location.place == "record \(record)" })
        for _ in 0..<2 {
            let error = #expect(throws: CheckpointError.self) {
                try checkpoint.read(name) { _ in Issue.record("was handed over") }
            }
            #expect(error?.place == "record \(record)")
            #expect(error?.message.contains("CRC-32") == true)
        }
        #expect(throws: CheckpointError.self) { try checkpoint.fingerprints() }
        #expect(throws: CheckpointError.self) { try checkpoint.verifyChecksums() }
    }

    @Test("records that no weight was read from are verified too")
    func verifiesTheRest() throws {
        let folder = try TemporaryDirectory()
        let (path, record) = try damaged(record: 7, in: folder)
        let checkpoint = try open(path)
        for (name, tensor) in checkpoint.tensors where tensor.location.place != "record \(record)" {
            try checkpoint.read(name) { _ in }
        }
        let error = #expect(throws: CheckpointError.self) { try checkpoint.verifyChecksums() }
        #expect(error?.place == "record \(record)")
    }

    @Test("a mapped file whose memory was given back reads as before")
    func rereadsRelinquishedPages() throws {
        let file = try MappedFile(path: GoldenWeights.path("state5.pth"))
        let before = file.contents.bytes
        file.contents.relinquish()
        #expect(file.contents.bytes == before)
    }
}
