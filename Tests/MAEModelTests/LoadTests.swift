import Foundation
import MAECheckpoint
import MAECompute
import MAEEngine
import MAEFormats
import Synchronization
import TestSupport
import Testing

@Suite("Loading a model")
struct LoadTests {
    private static let model = Goldens.path("checkpoints/hub4")

    @Test(
        "progress comes after each weight and ends with all bytes", arguments: [EngineOptions.Backend.cpu, .reference])
    func tellsProgress(backend: EngineOptions.Backend) throws {
        let told = Mutex<[(done: Int, total: Int)]>([])
        let model = try Engine(EngineOptions(backend: backend, threads: 2)).load(Self.model) { done, total in
            told.withLock { $0.append((done, total)) }
        }
        let parameters = model.checkpoint.layout.parameters
        let bytes = parameters.reduce(0) { $0 + 4 * $1.shape.reduce(1, *) }
        let steps = told.withLock { $0 }
        #expect(steps.count == parameters.count)
        #expect(steps.allSatisfy { $0.total == bytes })
        #expect(zip(steps, steps.dropFirst()).allSatisfy { $0.done < $1.done })
        #expect(steps.last?.done == bytes)
    }

    @Test(
        "without its decoder a model computes the same, holds no weights of it and still knows their digests",
        arguments: [EngineOptions.Backend.cpu, .reference])
    func leavesTheDecoder(backend: EngineOptions.Backend) throws {
        let engine = try Engine(EngineOptions(backend: backend, threads: 2))
        let told = Mutex<[(done: Int, total: Int)]>([])
        let whole = try engine.load(Self.model)
        let encoder = try engine.load(Self.model, decodes: false) { done, total in
            told.withLock { $0.append((done, total)) }
        }
        #expect(whole.model.hasDecoder && !encoder.model.hasDecoder && encoder.checkpoint.hasDecoder)
        let bytes = 4 * whole.checkpoint.layout.elementCount(of: [.encoder])
        #expect(told.withLock { $0.last?.done == bytes && $0.allSatisfy { $0.total == bytes } })
        #expect(try encoder.checkpoint.fingerprints().entries == whole.checkpoint.fingerprints().entries)
        let request = BatchRequest(seed: 1, pixels: .seeded(images: 2))
        let (one, other) = (try whole.run(request).output, try encoder.run(request).output)
        #expect(one.layernorm == other.layernorm && one.pooled == other.pooled)
        let error = #expect(throws: ComputeError.self) {
            try encoder.run(BatchRequest(seed: 1, pixels: .seeded(images: 2), decodes: true))
        }
        #expect(error?.code == .invalidInput)
    }

    @Test("a flipped bit of the decoder is refused too where it is not kept", arguments: [1, 2])
    func refusesDamageOfTheDecoder(threads: Int) throws {
        let checkpoint = try ModelCheckpoint.open(
            Goldens.path("checkpoints/state5.pth"), configuration: Self.model)
        let place = try #require(checkpoint.tensors["decoder.decoder_pred.weight"]).location.place
        var bytes = try Goldens.bytes("checkpoints/state5.pth")
        let archive = try ZipArchive(ByteView(copying: bytes), path: "state5.pth")
        let entry = try #require(archive.entries.first { "record \($0.name)" == place })
        bytes[try archive.contents(of: entry).start] ^= 0x04
        let folder = try TemporaryDirectory()
        let path = try folder.write("damaged.pth", bytes)
        let engine = try Engine(EngineOptions(threads: threads))
        let error = #expect(throws: CheckpointError.self) {
            try engine.load(path, configuration: Self.model, decodes: false)
        }
        #expect(error?.place == place)
    }

    @Test("a flipped bit is refused, in a weight as in a record that holds none", arguments: [1, 2])
    func refusesDamage(threads: Int) throws {
        let whole = try Goldens.bytes("checkpoints/lightning.ckpt")
        let engine = try Engine(EngineOptions(threads: threads))
        let archive = try ZipArchive(ByteView(copying: whole), path: "lightning.ckpt")
        let read = try ModelCheckpoint.open(
            Goldens.path("checkpoints/lightning.ckpt"), configuration: Self.model
        ).tensors.values.map(\.location.place)
        let storages = archive.entries.filter { $0.name.contains("/data/") && $0.size > 0 }
        let weight = try #require(storages.first { read.contains("record \($0.name)") })
        let other = try #require(storages.first { !read.contains("record \($0.name)") })
        let folder = try TemporaryDirectory()
        for entry in [weight, other] {
            var bytes = whole
            bytes[try archive.contents(of: entry).start] ^= 0x04
            let path = try folder.write("damaged.ckpt", bytes)
            let error = #expect(throws: CheckpointError.self) { try engine.load(path, configuration: Self.model) }
            #expect(error?.place == "record \(entry.name)")
            #expect(error?.message.contains("CRC-32") == true)
        }
    }
}
