import Foundation
import MAETensor
import Synchronization
import TestSupport
import Testing

@testable import MAECheckpoint
@testable import MAEFormats

@Suite("Reading weights piece after piece")
struct PieceReadingTests {
    /// What came of reading parameters: their elements, and the errors of those that failed.
    private struct Outcome {
        var elements: [String: [Float]] = [:]
        var pieces: [String: Int] = [:]
        var errors: [String: any Error] = [:]
        var ended: [String] = []
    }

    /// Reads all parameters of `checkpoint`; `whenTaken` is called after each piece.
    private func readAll(
        _ checkpoint: ModelCheckpoint, lanes: Int, whenTaken: @escaping (_ name: String) -> Void = { _ in }
    ) -> Outcome {
        var outcome = Outcome()
        var names = checkpoint.layout.parameters.map(\.name)[...]
        checkpoint.readInPieces(lanes: lanes) {
            names.popFirst().map { name in
                PieceDelivery(name: name) { elements, first in
                    #expect(first == outcome.elements[name]?.count ?? 0, "\(name): pieces follow each other")
                    outcome.elements[name, default: []] += elements
                    outcome.pieces[name, default: 0] += 1
                    whenTaken(name)
                } end: { error in
                    outcome.ended.append(name)
                    outcome.errors[name] = error
                }
            }
        }
        #expect(outcome.ended.sorted() == checkpoint.layout.parameters.map(\.name).sorted(), "each ends once")
        return outcome
    }

    private func open(_ path: String) throws -> ModelCheckpoint {
        try ModelCheckpoint.openUnverified(path, configuration: GoldenWeights.path("hub4"))
    }

    @Test(
        "hands over the elements and gives the digests of a checkpoint that is read whole",
        arguments: ["hub5", "hub-sharded", "hub-fp16", "full4.pth", "state5.pth", "legacy-state.pth"],
        [1, SHA256Lanes.best])
    func sameAsWhole(name: String, lanes: Int) throws {
        let expected = try ModelCheckpoint.open(GoldenWeights.path(name), configuration: GoldenWeights.path("hub4"))
        let checkpoint = try open(GoldenWeights.path(name))
        let outcome = readAll(checkpoint, lanes: lanes)
        #expect(outcome.errors.isEmpty)
        for parameter in checkpoint.layout.parameters {
            let elements = try #require(outcome.elements[parameter.name])
            let other = try #require(try expected.tensors[parameter.name]?.tensor())
            #expect(Tensor(shape: parameter.shape, elements: elements).hasSameBits(as: other), "\(parameter.name)")
        }
        try checkpoint.verifyChecksums()
        #expect(try checkpoint.fingerprints().entries == expected.fingerprints().entries)
    }

    @Test(
        "weights of several pieces, of narrow and of wide rows, are those that were written",
        arguments: [CheckpointWriter.Form.hub, .stateDict], [1, SHA256Lanes.best])
    func severalPieces(form: CheckpointWriter.Form, lanes: Int) throws {
        var configuration = ViTMAEConfiguration(preset: .tiny)
        configuration.encoder.intermediateSize = 1000
        let model = try ModelWeights(drawing: configuration, seed: 3)
        let folder = try TemporaryDirectory()
        try CheckpointWriter.write(model, as: .hub, to: folder.file("hub"))
        if form != .hub { try CheckpointWriter.write(model, as: form, to: folder.file("model.pth")) }
        let checkpoint = try ModelCheckpoint.openUnverified(
            folder.file(form == .hub ? "hub" : "model.pth"), configuration: folder.file("hub"), comparesNeighbors: false
        )
        let outcome = readAll(checkpoint, lanes: lanes)
        #expect(outcome.errors.isEmpty)
        for parameter in checkpoint.layout.parameters {
            #expect(outcome.elements[parameter.name] == model.tensor(of: parameter).elements, "\(parameter.name)")
        }
        for name in ["intermediate", "output"] {
            #expect(outcome.pieces["vit.encoder.layer.0.\(name).dense.weight"] ?? 0 > 1, "\(name) had one piece")
        }
        try checkpoint.verifyChecksums()
        let expected = try ModelCheckpoint.open(folder.file("hub")).fingerprints().entries
        #expect(try checkpoint.fingerprints().entries == expected)
    }

    @Test(
        "NaN, infinities and zeros are counted as in a whole tensor, and handed over as they are",
        arguments: [1, SHA256Lanes.best])
    func oddValues(lanes: Int) throws {
        let bench = try StateDictBench()
        let nan = "vit.encoder.layer.0.intermediate.dense.weight", zero = "vit.encoder.layer.1.output.dense.weight"
        let payload = Float(bitPattern: 0xFFC0_0ABC)
        let entries: StateDictBench.Entries = try bench.golden.layout.parameters.map { parameter in
            var elements = try bench.tensor(parameter.name).elements
            if parameter.name == nan { (elements[3], elements[elements.count - 1]) = (payload, .infinity) }
            if parameter.name == zero { elements = elements.map { _ in 0 } }
            return (parameter.name, .tensor(PickledTensor(Tensor(shape: parameter.shape, elements: elements))))
        }
        let whole = try bench.open(StateDictBench.dictionary(entries))
        let checkpoint = try open(whole.path)
        let outcome = readAll(checkpoint, lanes: lanes)
        #expect(outcome.errors.isEmpty && outcome.elements[nan]?[3].bitPattern == payload.bitPattern)
        let found = try checkpoint.fingerprints().entries
        #expect(try found == whole.fingerprints().entries)
        #expect(found.first { $0.name == nan }?.nonFiniteCount == 2)
        #expect(found.first { $0.name == zero }?.isZero == true && found.count { $0.isZero } == 1)
    }

    @Test("only the weight that does not match its checksum ends with the error", arguments: [1, SHA256Lanes.best])
    func refusesDamage(lanes: Int) throws {
        let folder = try TemporaryDirectory()
        var bytes = try Goldens.bytes("checkpoints/state5.pth")
        let archive = try ZipArchive(ByteView(copying: bytes), path: "state.pth")
        let record = try #require(archive.entries.filter { $0.name.contains("/data/") }.max { $0.size < $1.size })
        bytes[archive.raw(record).start + record.size - 5] ^= 0x10
        let checkpoint = try open(try folder.write("state.pth", bytes))
        let outcome = readAll(checkpoint, lanes: lanes)
        let (name, error) = try #require(outcome.errors.first)
        #expect(outcome.errors.count == 1)
        #expect(checkpoint.tensors[name]?.location.place == "record \(record.name)")
        #expect((error as? CheckpointError)?.message.contains("CRC-32") == true)
        #expect(throws: CheckpointError.self) { try checkpoint.fingerprints() }
        #expect(throws: CheckpointError.self) { try checkpoint.verifyChecksums() }
    }

    @Test("a file that is cut short before or while it is read is told as the cause", arguments: [false, true])
    func cutShort(meanwhile: Bool) throws {
        let copy = try HubCopy(of: "hub4")
        let path = copy.path + "/model.safetensors"
        let checkpoint = try open(copy.path)
        // Some of the file stays, so that reads give fewer bytes than were asked for.
        func cut() { #expect(truncate(path, 20_000) == 0) }
        if !meanwhile { cut() }
        var isFirst = true
        let outcome = readAll(checkpoint, lanes: SHA256Lanes.best) { _ in
            if meanwhile, isFirst { cut() }
            isFirst = false
        }
        let errors = outcome.errors.values.compactMap { $0 as? CheckpointError }
        #expect(!errors.isEmpty && errors.count == outcome.errors.count)
        #expect(errors.allSatisfy { $0.code == .contradiction && $0.message.contains("changed while it was read") })
        #expect(throws: CheckpointError.self) { try checkpoint.fingerprints() }
    }

    @Test("several threads share the parameters, each of which is read once")
    func severalThreads() throws {
        let checkpoint = try open(GoldenWeights.path("state5.pth"))
        let left = Mutex(checkpoint.layout.parameters.map(\.name))
        let read = Mutex<[String: Int]>([:])
        _ = try Parallel.map([1, SHA256Lanes.best, 1, SHA256Lanes.best]) { lanes throws(CheckpointError) in
            checkpoint.readInPieces(lanes: lanes) {
                left.withLock { $0.popLast() }.map { name in
                    PieceDelivery(name: name) { _, _ in
                    } end: { error in
                        #expect(error == nil)
                        read.withLock { $0[name, default: 0] += 1 }
                    }
                }
            }
        }
        #expect(read.withLock { $0.count == checkpoint.layout.parameters.count && $0.values.allSatisfy { $0 == 1 } })
        try checkpoint.verifyChecksums()
        let expected = try ModelCheckpoint.open(GoldenWeights.path("hub4"))
        #expect(try checkpoint.fingerprints().sha256 == expected.fingerprints().sha256)
    }
}
