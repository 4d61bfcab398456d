import MAEContent
import MAEDomain
import MAETensor
import MAEWire
import TestSupport
import Testing
import ZeroMQ

@testable import MAEWorker

@Suite("Fetching from a coordinator that does not serve well")
struct ContentConnectionTests {
    let site: Site
    let bytes = [UInt8](repeating: 7, count: FileContent.chunkSize) + [UInt8](repeating: 9, count: 100)

    init() throws { site = try Site() }

    private var content: FileContent {
        get throws {
            let path = try site.folder.write("source", bytes)
            return try FileContent(reading: ReadableFile(path))
        }
    }

    /// Fetches a file of two chunks from a coordinator that answers the request number `count` for a chunk by `answer`,
    /// and waits for so long when it hears nothing.
    private func fetch(
        waiting silence: Duration = .patience,
        _ answer: @escaping @Sendable (_ count: Int, _ request: ChunkRequest) -> Envelope.Body?
    ) async throws -> [UInt8] {
        let content = try content
        let server = Task {
            try await onThread { [site] in
                let peer = try RawPeer(listeningAt: site.endpoint, site.context)
                var count = 0
                while true {
                    let envelope = try peer.receive()
                    if case .goodbye = envelope.body { return }
                    guard case .chunkRequest(let request) = envelope.body else { continue }
                    count += 1
                    if let body = answer(count, request) { try peer.send(body) }
                }
            }
        }
        let result = await Task {
            try await onThread { [site] in
                let socket = try Socket(.dealer, in: site.context)
                try socket.connect(site.endpoint)
                defer {
                    let end = Envelope(session: nil, incarnation: nil, .goodbye(Goodbye(reason: "")))
                    _ = try? socket.send(Message(end.frames()))
                }
                let timeouts = ContentConnection.Timeouts(repetition: .milliseconds(100), end: silence)
                let connection = ContentConnection(socket, timeouts: timeouts) { false }
                let cache = ContentCache(directory: site.folder.file("cache"), limit: 1 << 30)
                let file = try cache.file(content) {
                    try connection.fill($0) {}
                } wait: { _ in
                    throw CancellationError()
                }
                return try ReadableFile(file.path).bytes
            }
        }.result
        try await server.value
        return try result.get()
    }

    @Sendable private func honest(_ request: ChunkRequest) -> Envelope.Body {
        let range = request.index == 0 ? 0..<FileContent.chunkSize : FileContent.chunkSize..<bytes.count
        return .chunk(Chunk(file: request.file, index: request.index, bytes: Array(bytes[range])))
    }

    @Test("a chunk that came damaged is asked for again")
    func damagedOnce() async throws {
        let fetched = try await fetch { count, request in
            count > 1 ? honest(request) : .chunk(Chunk(file: request.file, index: request.index, bytes: [1, 2, 3]))
        }
        // By digest: what differs in two long arrays takes the test runner for ever to describe.
        #expect(SHA256Digest(of: fetched) == SHA256Digest(of: bytes))
    }

    @Test("a chunk that comes damaged again and again is a failure that names it")
    func damagedAlways() async throws {
        let error = await #expect(throws: JobFailure.self) {
            _ = try await fetch { _, request in
                request.index == 0 ? honest(request) : .chunk(Chunk(file: request.file, index: 1, bytes: [1]))
            }
        }
        #expect(error?.code == "wrongContent" && error?.fault == .node)
        #expect(error?.message.contains("chunk 1") == true)
    }

    @Test("what is lost on the way is asked for again, and what comes twice or uninvited does no harm")
    func lossAndNoise() async throws {
        let fetched = try await fetch { count, request in
            switch count {
            case 1, 2: nil
            case 3: .chunk(Chunk(file: SHA256Digest(of: []), index: 0, bytes: [1]))
            case 4: honest(ChunkRequest(file: request.file, index: 0))
            default: honest(request)
            }
        }
        #expect(SHA256Digest(of: fetched) == SHA256Digest(of: bytes))
    }

    @Test("a coordinator that says nothing, or has not got it, ends the fetch with its cause")
    func silence() async throws {
        let silent = await #expect(throws: JobFailure.self) {
            _ = try await fetch(waiting: .milliseconds(700)) { _, _ in nil }
        }
        #expect(silent?.code == "noAnswer" && silent?.fault == .node)
    }

    @Test("a coordinator that has not got it ends the fetch with its words")
    func refusal() async throws {
        let refused = await #expect(throws: JobFailure.self) {
            _ = try await fetch { _, _ in .reject(Reject(.contentNotHeld, text: "changed")) }
        }
        #expect(refused?.code == "contentNotHeld" && refused?.message == "changed")
    }
}

extension ReadableFile {
    /// All bytes of the file.
    fileprivate var bytes: [UInt8] {
        get throws {
            var bytes = [UInt8](repeating: 0, count: size)
            try bytes.withUnsafeMutableBytes { try read($0, at: 0) }
            return bytes
        }
    }
}
