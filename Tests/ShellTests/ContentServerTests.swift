import MAECluster
import MAEContent
import MAEWire
import TestSupport
import Testing
import ZeroMQ

@testable import MAECoordinator

@Suite("Serving files to many")
struct ContentServerTests {
    let site: Site

    init() throws { site = try Site() }

    @Test("a worker that takes nothing holds up nobody, and little memory")
    func greedyPeer() async throws {
        let path = try site.folder.write("source", [UInt8](repeating: 5, count: 24 << 20))
        let read = try ReadFiles(
            FileListing(path: path, isDirectory: false, names: ["source"]), memory: DigestMemory())
        let file = read.manifest.files[0].content
        try await onThread { [site] in
            var offer = ContentOffer()
            try offer.add(read)
            var server = try ContentServer(offer, site.log)
            let router = try Socket(.router, in: site.context)
            // Over TCP, whose buffers are larger than those of a socket file.
            let endpoint = try router.bind("tcp://127.0.0.1:*")
            var options = SocketOptions()
            options.receiveHighWaterMark = 1
            let greedy = try Socket(.dealer, in: site.context, options: options)
            let modest = try Socket(.dealer, in: site.context)
            for socket in [greedy, modest] { try socket.connect(endpoint) }

            func request(_ index: Int, _ socket: Socket) throws {
                let body = Envelope.Body.chunkRequest(ChunkRequest(file: file.digest, index: index))
                _ = try socket.send(Message(Envelope(session: nil, incarnation: nil, body).frames()))
            }
            var taken = 0
            func turn() throws {
                let poller = Poller(sockets: [router], descriptors: [server.descriptor], in: site.context)
                try poller.wait(atMost: .milliseconds(10))
                while let message = try router.receive(), let route = message.frames.first {
                    let envelope = try Envelope(frames: Array(message.frames.dropFirst()))
                    guard case .chunkRequest(let request) = envelope.body else { continue }
                    server.queue(request, Peer(route: route))
                    taken += 1
                }
                try server.serve(router)
                #expect(server.inFlight <= 64)
            }
            for index in 0..<24 { try request(index, greedy) }
            try blockUntil("the greedy one has asked for everything", every: .zero) {
                try turn()
                return taken == 24
            }
            let stuck = server.inFlight
            #expect(stuck <= 4)

            for index in 0..<24 {
                try request(index, modest)
                let chunk = try blockUntilFound("the modest one gets its chunk", every: .zero) {
                    try turn()
                    return try Self.chunk(modest)
                }
                #expect(chunk.index == index && chunk.bytes.count == 1 << 20)
            }
        }
    }

    @Test("requests beyond what one worker may have waiting are dropped")
    func tooManyRequests() throws {
        let path = try site.folder.write("source", [UInt8](repeating: 5, count: 40 << 20))
        let read = try ReadFiles(
            FileListing(path: path, isDirectory: false, names: ["source"]), memory: DigestMemory())
        var offer = ContentOffer()
        try offer.add(read)
        var server = try ContentServer(offer, site.log)
        let router = try Socket(.router, in: site.context)
        let dealer = try Socket(.dealer, in: site.context)
        try dealer.connect(try router.bind("tcp://127.0.0.1:*"))
        _ = try dealer.send(Message([[1]]))
        let route = try blockUntilFound("the worker is there") { try router.receive()?.frames.first }
        func queue(_ index: Int) {
            server.queue(
                ChunkRequest(file: read.manifest.files[0].content.digest, index: index), Peer(route: route))
        }
        var received: [Int] = []
        func receive() throws {
            received.append(
                try blockUntilFound("a chunk comes") {
                    try server.serve(router)
                    return try Self.chunk(dealer)?.index
                })
        }
        for index in 0..<40 { queue(index) }
        for _ in 0..<32 { try receive() }
        // What is asked for now comes next: nothing of the rest waits.
        queue(39)
        try receive()
        #expect(received == Array(0..<32) + [39])
    }

    /// The chunk in the next message, if there is one.
    private static func chunk(_ socket: Socket) throws -> Chunk? {
        guard let message = try socket.receive(),
            case .chunk(let chunk) = try Envelope(frames: message.frames).body
        else { return nil }
        return chunk
    }
}
