import CMAEWire
import CProtobufC
import MAEContent
import MAETensor
import Testing
import WireTestSupport

@testable import MAEWire

@Suite("Files on the wire")
struct TransferTests {
    /// A manifest's message, as a peer may write it.
    private func frames(_ change: (inout Mae__ManifestFile) -> Void) throws -> [[UInt8]] {
        let arena = EncodingArena()
        var file = Mae__ManifestFile()
        mae__manifest_file__init(&file)
        (file.has_name, file.name) = (1, arena.bytes(Array("model.pth".utf8)))
        (file.has_size, file.size) = (1, 3)
        (file.has_chunks, file.chunks) = (1, arena.bytes(Samples.digest("chunk").bytes))
        change(&file)
        var manifest = Mae__Manifest()
        mae__manifest__init(&manifest)
        (manifest.has_is_directory, manifest.is_directory) = (1, 0)
        (manifest.n_files, manifest.files) = (1, arena.array([arena.place(file)]))
        var message = Mae__Envelope()
        mae__envelope__init(&message)
        (message.has_version, message.version) = (1, UInt32(Envelope.version))
        message.body_case = MAE__ENVELOPE__BODY_MANIFEST
        message.manifest = arena.place(manifest)
        return [pack(&message)]
    }

    @Test("a manifest comes out as it went in, with the same digest")
    func manifest() throws {
        let manifest = try Samples.manifest()
        let envelope = Envelope(session: nil, incarnation: nil, .manifest(manifest))
        #expect(try Envelope(frames: envelope.frames()) == envelope)
        guard case .manifest(let one) = try Envelope(frames: frames { _ in }).body else {
            Issue.record("another message came out")
            return
        }
        #expect(one.files.map(\.name) == ["model.pth"] && one.size == 3)
    }

    @Test("sizes and chunk counts that do not belong together are refused", arguments: [0, 4 << 20, .max, 1 << 62])
    func sizes(size: UInt64) throws {
        let lie = try frames { $0.size = size }
        #expect(throws: WireError.self) { _ = try Envelope(frames: lie) }
    }

    @Test("names that lead elsewhere are refused", arguments: ["..", "/etc/passwd", "a/../../b", "", "a\0b"])
    func names(name: String) throws {
        let arena = EncodingArena()
        let lie = try frames { $0.name = arena.bytes(Array(name.utf8)) }
        #expect(throws: WireError.self) { _ = try Envelope(frames: lie) }
    }

    @Test("digests that are cut off, and a manifest that lacks something, are refused")
    func incomplete() throws {
        let arena = EncodingArena()
        for lie in [
            try frames { $0.chunks = arena.bytes([1, 2, 3]) }, try frames { $0.has_chunks = 0 },
            try frames { $0.has_size = 0 }, try frames { $0.has_name = 0 },
        ] {
            #expect(throws: WireError.self) { _ = try Envelope(frames: lie) }
        }
    }

    @Test("a chunk is one frame of limited length, and its header can go alone")
    func chunks() throws {
        let chunk = Chunk(file: Samples.digest("file"), index: 1, bytes: [1, 2])
        let envelope = Envelope(session: nil, incarnation: nil, .chunk(chunk))
        let header = try envelope.header()
        #expect(try envelope.frames() == [header, [1, 2]])
        let long = [UInt8](repeating: 0, count: WireLimits.chunkBytes + 1)
        for lie in [[header], [header, [1], [2]], [header, long]] {
            #expect(throws: WireError.self) { _ = try Envelope(frames: lie) }
        }
        #expect(throws: WireError.self) {
            _ = try Envelope(session: nil, incarnation: nil, .chunk(Chunk(file: chunk.file, index: 0, bytes: long)))
                .frames()
        }
        let beyond = ChunkRequest(file: chunk.file, index: WireLimits.contentChunks)
        let request = Envelope(session: nil, incarnation: nil, .chunkRequest(beyond))
        #expect(throws: WireError.self) { _ = try Envelope(frames: request.frames()) }
    }
}
