import TestSupport
import Testing

@testable import MAEFormats

@Suite("Damaged files of real PyTorch")
struct TorchDamageTests {
    @Test("an archive cut off anywhere is refused", arguments: ["state5.pth", "full5.pth"])
    func truncatedArchive(_ name: String) throws {
        let whole = try Goldens.bytes("checkpoints/\(name)")
        let counts = Array((0..<whole.count).reversed().prefix(1500)) + stride(from: 0, to: whole.count, by: 331)
        for count in counts.sampled(10) {
            #expect(throws: CheckpointError.self, "cut to \(count) bytes") {
                try TorchFile.read(ByteView(copying: whole[..<count]), path: "cut.pth")
            }
        }
    }

    @Test("a pickle cut off at every byte is refused, naming a byte")
    func truncatedPickle() throws {
        let archive = try ZipArchive(ByteView(copying: try Goldens.bytes("checkpoints/state4.pth")), path: "state.pth")
        let torch = try TorchArchive(archive)
        let (pickle, location) = try torch.pickle()
        var whole = TorchArchiveStorages(torch)
        #expect(try PickleReader.read(pickle, of: location, objects: &whole).end == pickle.count)
        for count in (0..<pickle.count).sampled() {
            let cut = try #require(pickle.slice(at: 0, count: count))
            var storages = TorchArchiveStorages(torch)
            let error = #expect(throws: CheckpointError.self, "cut to \(count) bytes") {
                try PickleReader.read(cut, of: location, objects: &storages)
            }
            #expect(error?.place?.contains("data.pkl, byte ") == true)
        }
    }

    @Test("a legacy file cut off at every byte is refused")
    func truncatedLegacy() throws {
        let whole = ByteView(copying: try Goldens.bytes("checkpoints/legacy-state.pth"))
        let counts = (0..<whole.count).filter { $0 < 600 || $0 % 331 == 0 || whole.count - $0 < 600 }
        for count in counts.sampled(10) {
            let cut = try #require(whole.slice(at: 0, count: count))
            #expect(throws: CheckpointError.self, "cut to \(count) bytes") {
                try TorchFile.read(cut, path: "cut.pth")
            }
        }
    }

    @Test("a legacy file with bytes behind its last storage is read, and they are reported")
    func trailingBytes() throws {
        let file = try TorchFile.read(
            ByteView(copying: try Goldens.bytes("checkpoints/legacy-state.pth") + [1, 2, 3]), path: "long.pth")
        #expect(file.findings.map(\.message) == ["3 bytes after the last storage."])
    }

    @Test("a flipped bit in a weight is found by its checksum, which names the record")
    func flippedBit() throws {
        var bytes = try Goldens.bytes("checkpoints/state5.pth")
        let archive = try ZipArchive(ByteView(copying: bytes), path: "state.pth")
        let record = try #require(archive.entries.first { $0.name.hasSuffix("/data/7") })
        bytes[archive.raw(record).start + 5] ^= 0x10
        let folder = try TemporaryDirectory()
        let path = try folder.write("state.pth", bytes)
        let file = try TorchFile.open(path)
        let error = #expect(throws: CheckpointError.self) { try file.verifyChecksums() }
        #expect(error?.place == "record \(record.name)")
        #expect(error?.message.contains("CRC-32") == true)
    }

    @Test("flipped bits never crash the reader", arguments: ["state5.pth", "legacy-full.pth", "lightning.ckpt"])
    func bitFlips(_ name: String) throws {
        let whole = try Goldens.bytes("checkpoints/\(name)")
        var flips = BitFlips(seed: 42)
        for _ in (0..<300).sampled(10) {
            guard let file = try? TorchFile.read(ByteView(copying: flips.apply(to: whole)), path: name) else {
                continue
            }
            // Reading what was accepted must be safe too.
            for (_, tensor) in GoldenTensors.all(in: file.root) { _ = try? tensor.tensor.tensor() }
        }
    }

    @Test(
        "flipped bits behind the checksum, in the pickle, never crash the reader",
        arguments: ["state5.pth", "full5.pth"])
    func bitFlipsInPickle(_ name: String) throws {
        let archive = try ZipArchive(ByteView(copying: try Goldens.bytes("checkpoints/\(name)")), path: name)
        let torch = try TorchArchive(archive)
        let (pickle, location) = try torch.pickle()
        var flips = BitFlips(seed: 7)
        for _ in (0..<500).sampled(10) {
            let bytes = ByteView(copying: flips.apply(to: pickle.bytes))
            var storages = TorchArchiveStorages(torch)
            guard let reading = try? PickleReader.read(bytes, of: location, objects: &storages) else { continue }
            for (_, tensor) in GoldenTensors.all(in: reading.root) { _ = try? tensor.tensor.tensor() }
        }
    }
}

/// Flips a few bits of a file, in the same places in every run.
private struct BitFlips {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func apply(to whole: [UInt8]) -> [UInt8] {
        var bytes = whole
        for _ in 0..<3 {
            // Knuth's MMIX generator: any spread of positions will do, as long as it repeats.
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            bytes[Int(state >> 33) % bytes.count] ^= 1 << UInt8(state >> 20 & 7)
        }
        return bytes
    }
}
