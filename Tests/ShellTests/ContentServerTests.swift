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
            func turn() throws {
                let poller = Poller(sockets: [router], descriptors: [server.descriptor], in: site.context)
                try poller.wait(atMost: .milliseconds(10))
                while let message = try router.receive(), let route = message.frames.first {
                    let envelope = try Envelope(frames: Array(message.frames.dropFirst()))
                    guard case .chunkRequest(let request) = envelope.body else { continue }
                    server.queue(request, Peer(route: route))
                }
                try server.serve(router)
                #expect(server.inFlight <= 64)
            }
            for index in 0..<24 { try request(index, greedy) }
            for _ in 0..<20 { try turn() }
            let stuck = server.inFlight
            #expect(stuck <= 4)

            var received = 0
            for index in 0..<24 {
                try request(index, modest)
                let deadline = ContinuousClock.now + .seconds(10)
                while ContinuousClock.now < deadline {
                    try turn()
                    guard let message = try modest.receive() else { continue }
                    guard case .chunk(let chunk) = try Envelope(frames: message.frames).body else { continue }
                    #expect(chunk.index == index && chunk.bytes.count == 1 << 20)
                    received += 1
                    break
                }
            }
            #expect(received == 24)
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
        let poller = Poller(sockets: [router], in: site.context)
        try poller.wait(atMost: .seconds(10))
        let route = try #require(try router.receive()?.frames.first)
        for index in 0..<40 {
            server.queue(
                ChunkRequest(file: read.manifest.files[0].content.digest, index: index), Peer(route: route))
        }
        var received: [Int] = []
        let deadline = ContinuousClock.now + .seconds(10)
        while received.count < 32, ContinuousClock.now < deadline {
            try server.serve(router)
            guard let message = try dealer.receive() else { continue }
            if case .chunk(let chunk) = try Envelope(frames: message.frames).body { received.append(chunk.index) }
        }
        try server.serve(router)
        #expect(received == Array(0..<32))
    }
}
