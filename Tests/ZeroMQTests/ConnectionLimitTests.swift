import Synchronization
import TestSupport
import Testing

@testable import ZeroMQ

@Suite("What a peer may make a socket hold")
struct ConnectionLimitTests {
    final class Cuts: Sendable {
        private let pending = Mutex<[Int]>([])

        var all: [Int] { pending.withLock(\.self) }

        /// The cuts, once one was told: a peer may notice it before the watch has said so.
        func awaitFirst() throws -> [Int] {
            try blockUntil("a connection is cut") { !all.isEmpty }
            return all
        }

        /// Limits of which none but these is reached.
        func limits(_ bytes: Int, inAll: Int) -> ConnectionLimits {
            var limits = ConnectionLimits(pendingBytes: bytes, pendingBytesInAll: inAll) { notice in
                if case .cut(let bytes, _) = notice { self.pending.withLock { $0.append(bytes) } }
            }
            limits.handshakeBytes = .max
            limits.firstBytes = .max
            limits.heldBytes = .max
            return limits
        }
    }

    /// Addresses of which it was told that connections from there were cut.
    final class Told: Sendable {
        let addresses = Mutex<[PeerAddress]>([])

        var all: [PeerAddress] { addresses.withLock(\.self) }
    }

    let context: Context
    let cuts = Cuts()

    init() throws { context = try Context() }

    private func listen(_ limits: ConnectionLimits) throws -> (Socket, String) {
        var options = SocketOptions()
        options.connectionLimits = limits
        let socket = try Socket(.router, in: context, options: options)
        return (socket, try socket.bind("tcp://127.0.0.1:*"))
    }

    @Test("a message that never ends is cut at the limit, and others are served")
    func endless() throws {
        let (server, endpoint) = try listen(cuts.limits(8 << 20, inAll: .max))
        let peer = try #require(EndlessPeer(endpoint, frameBytes: 64 << 10))
        try peer.sendUntilCut()
        #expect(!peer.send(atMost: 1))
        // Beside the limit, what arrives between two looks at the account.
        let cut = try #require(cuts.awaitFirst().first)
        #expect(cut > 8 << 20 && cut <= peer.sentBytes)
        #expect(try server.receive() == nil)

        let honest = try Socket(.dealer, in: context)
        try honest.connect(endpoint)
        #expect(try honest.send(Message([[1], [2]])) == .sent)
        #expect(try server.awaitMessage().frames.dropFirst() == [[1], [2]])
    }

    @Test("beyond the limit for all, the connection with most pending is cut, and no more than needed")
    func inAll() throws {
        let (server, endpoint) = try listen(cuts.limits(.max, inAll: 8 << 20))
        let small = try #require(EndlessPeer(endpoint, frameBytes: 64 << 10))
        #expect(small.send(atMost: 1 << 20))
        let large = try #require(EndlessPeer(endpoint, frameBytes: 64 << 10))
        try large.sendUntilCut()
        #expect(try cuts.awaitFirst().count == 1)
        #expect(small.send(atMost: 1))
        #expect(try server.receive() == nil)
    }

    @Test(
        "small frames are cut by the memory that they take, long before their bytes are too many",
        arguments: [[1, 0], [1, 34] + [UInt8](repeating: 0, count: 34)] as [[UInt8]])
    func held(frame: [UInt8]) throws {
        var limits = cuts.limits(1 << 30, inAll: 1 << 40)
        limits.heldBytes = 64 << 20
        let (server, endpoint) = try listen(limits)
        let before = HeapUse.bytes
        for _ in 0..<3 {
            let peer = try #require(EndlessPeer(endpoint, repeating: frame))
            try peer.sendUntilCut()
            #expect(peer.sentBytes < 256 << 20)
            #expect(try server.receive() == nil)
        }
        // A peer may notice it before the watch has said so.
        try blockUntil("the third cut is told of") { cuts.all.count >= 3 }
        #expect(cuts.all.count == 3)
        // What was cut is let go.
        try blockUntil("the memory is free again") {
            _ = try server.receive()
            return HeapUse.bytes - before < 16 << 20
        }
    }

    @Test(
        "a connection that has said nothing whole may have little pending, and one that is expected to send much, more")
    func first() throws {
        var limits = cuts.limits(1 << 20, inAll: 1 << 40)
        limits.firstBytes = 16 << 10
        let (server, endpoint) = try listen(limits)
        let stranger = try #require(EndlessPeer(endpoint, frameBytes: 32 << 10))
        try stranger.sendUntilCut()
        #expect(try cuts.awaitFirst()[0] > 16 << 10)
        let client = try Socket(.dealer, in: context)
        try client.connect(endpoint)
        #expect(try client.send(Message([[1]])) == .sent)
        let route = try #require(server.awaitMessage().frames.first)
        server.expect(8 << 20, from: route)
        // Seven frames are a message that is kept.
        let frame = [UInt8](repeating: 1, count: 1 << 20)
        #expect(try client.send(Message([[UInt8]](repeating: frame, count: 7))) == .sent)
        #expect(try server.awaitMessage().frames.count == 8)
        #expect(cuts.all.count == 1)
    }

    @Test("a message of too many frames costs its sender the connection")
    func tooManyFrames() throws {
        let (server, endpoint) = try listen(cuts.limits(.max, inAll: .max))
        let client = try Socket(.dealer, in: context)
        let monitor = try SocketMonitor(of: client)
        try client.connect(endpoint)
        #expect(try client.send(Message([[UInt8]](repeating: [], count: 100))) == .sent)
        let error = #expect(throws: ZeroMQError.self) { try server.awaitMessage() }
        #expect(error?.code == .messageTooLarge)
        #expect(error?.sender.map { !$0.route.isEmpty && $0.userID.isEmpty } == true)
        try monitor.await(in: context) { if case .disconnected = $0 { true } else { false } }
    }

    /// Begins a handshake with a command that is too long, until the connection is cut.
    private func shakeHandsUntilCut(_ endpoint: String) throws {
        let stranger = try #require(LoopbackConnection(endpoint))
        // A greeting that names CURVE, and the beginning of a command of 512 KiB.
        let greeting: [UInt8] =
            [0xFF] + [UInt8](repeating: 0, count: 8) + [0x7F, 3, 0] + Array("CURVE".utf8)
            + [UInt8](repeating: 0, count: 47)
        let command: [UInt8] = [6] + withUnsafeBytes(of: UInt64(512 << 10).bigEndian, Array.init)
        #expect(stranger.send(greeting + command))
        try blockUntil("it is cut") { !stranger.send([UInt8](repeating: 0, count: 512)) }
    }

    @Test("before a handshake with keys is over, a few kilobytes are too many")
    func handshake() throws {
        var limits = cuts.limits(1 << 30, inAll: 1 << 40)
        limits.handshakeBytes = 8 << 10
        let site = try SecuritySite(limits)
        try shakeHandsUntilCut(site.endpoint)
        // It was not the limit of frames that it was cut by.
        #expect(try cuts.awaitFirst().count == 1)
    }

    @Test("once a handshake is over, the first message may be larger than it")
    func firstMessage() throws {
        var limits = cuts.limits(1 << 20, inAll: 1 << 30)
        limits.handshakeBytes = 8 << 10
        limits.firstBytes = 64 << 10
        let site = try SecuritySite(limits)
        let pair = try CurveKeyPair()
        site.allowed.insert(pair.publicKey)
        let client = try site.client(pair)
        #expect(try client.socket.send(Message([[UInt8](repeating: 1, count: 32 << 10)])) == .sent)
        #expect(try client.outcome().isHandshakeSucceeded)
        // Once strangers that came later are cut, the account was looked at with the message on it.
        for _ in 0..<2 {
            let count = cuts.all.count
            try shakeHandsUntilCut(site.endpoint)
            try blockUntil("the cut is told of") { cuts.all.count > count }
        }
        #expect(try site.server.awaitMessage().frames.last?.count == 32 << 10)
        #expect(cuts.all.count == 2)
    }

    @Test("of connections over which nothing is said, so many are kept, and one that speaks is none of them")
    func silent() throws {
        var limits = cuts.limits(.max, inAll: .max)
        limits.silentConnections = 4
        let (server, endpoint) = try listen(limits)
        let honest = try Socket(.dealer, in: context)
        try honest.connect(endpoint)
        #expect(try honest.send(Message([[1]])) == .sent)
        _ = try server.awaitMessage()
        let strangers = try (0..<16).map { _ in try #require(LoopbackConnection(endpoint)) }
        try blockUntil("all but four of them are cut") { strangers.count(where: \.isCut) == 12 }
        let oldestAreCut = strangers.prefix(12).allSatisfy { $0.isCut }
        #expect(oldestAreCut)
        #expect(try honest.send(Message([[2]])) == .sent)
        #expect(try server.awaitMessage().frames.last == [2])
    }

    @Test("strangers at one address take no place from those of another over which nothing is said yet")
    func silentByAddress() throws {
        var limits = cuts.limits(.max, inAll: .max)
        limits.silentConnections = 8
        let (server, endpoint) = try listen(limits)
        let modest = try (0..<3).map { _ in try #require(LoopbackConnection(endpoint, from: 2)) }
        let strangers = try (0..<16).map { _ in try #require(LoopbackConnection(endpoint)) }
        try blockUntil("all but eight are cut") { strangers.count(where: \.isCut) == 11 }
        let isNoneCut = modest.allSatisfy { !$0.isCut }
        #expect(isNoneCut)
        withExtendedLifetime((server, modest)) {}
    }

    @Test("an address from which too many handshakes come to nothing is not listened to for a while, and others are")
    func brokenHandshakes() throws {
        let told = Told()
        var limits = ConnectionLimits(pendingBytes: .max, pendingBytesInAll: .max) { notice in
            if case .cutBroken(let address, _) = notice { told.addresses.withLock { $0.append(address) } }
        }
        // Nothing comes back while the test runs.
        limits.brokenHandshakes = (atOnce: 20, perSecond: 0)
        let site = try SecuritySite(limits)
        let pair = try CurveKeyPair()
        site.allowed.insert(pair.publicKey)
        // One that is let in and speaks costs nothing, however often it comes.
        func speak() throws {
            let client = try site.client(pair)
            #expect(try client.socket.send(Message([[1]])) == .sent)
            #expect(try site.server.awaitMessage().userID == pair.publicKey.userID)
        }
        for _ in 0..<40 { try speak() }
        #expect(told.all.isEmpty)
        try blockUntil("the address is told of", every: .milliseconds(1)) {
            let stranger = LoopbackConnection(site.endpoint, from: 2)
            _ = stranger?.send([UInt8](repeating: 0x41, count: 64))
            return !told.all.isEmpty || stranger == nil
        }
        #expect(told.all.first?.description == "127.0.0.2")
        let cut = try #require(LoopbackConnection(site.endpoint, from: 2))
        try blockUntil("a further one is cut") { cut.isCut }
        try speak()
    }

    @Test("without keys, one address has so many connections, of which the oldest are kept")
    func open() throws {
        var limits = cuts.limits(.max, inAll: .max)
        limits.openConnectionsPerAddress = 2
        let (server, endpoint) = try listen(limits)
        func speak() throws -> (Socket, SocketMonitor) {
            let client = try Socket(.dealer, in: context)
            let monitor = try SocketMonitor(of: client)
            try client.connect(endpoint)
            #expect(try client.send(Message([[1]])) == .sent)
            _ = try server.awaitMessage()
            return (client, monitor)
        }
        let clients = try (0..<3).map { _ in try speak() }
        try clients[2].1.await(in: context) { if case .disconnected = $0 { true } else { false } }
        #expect(try clients[0].0.send(Message([[2]])) == .sent)
        #expect(try server.awaitMessage().frames.last == [2])
    }

    @Test("one key has so many connections, of which the newest are kept, and another is served")
    func perKey() throws {
        var limits = cuts.limits(.max, inAll: .max)
        limits.connectionsPerKey = 2
        let site = try SecuritySite(limits)
        let (greedy, modest) = (try CurveKeyPair(), try CurveKeyPair())
        for pair in [greedy, modest] { site.allowed.insert(pair.publicKey) }
        func speak(_ pair: CurveKeyPair) throws -> SecuritySite.Client {
            let client = try site.client(pair)
            #expect(try client.socket.send(Message([[1]])) == .sent)
            #expect(try site.server.awaitMessage().userID == pair.publicKey.userID)
            return client
        }
        let other = try speak(modest)
        let clients = try (0..<3).map { _ in try speak(greedy) }
        // It connects again by itself, and its next connection is the newest.
        try withExtendedLifetime(clients) { clients in
            _ = try clients[0].await { if case .disconnected = $0 { true } else { false } }
        }
        #expect(try other.socket.send(Message([[2]])) == .sent)
        #expect(try site.server.awaitMessage().userID == modest.publicKey.userID)
    }

    @Test("with keys, what is queued is cut too while nobody takes it off the socket")
    func withKeys() throws {
        let site = try SecuritySite(cuts.limits(1 << 20, inAll: 1 << 30))
        let pair = try CurveKeyPair()
        site.allowed.insert(pair.publicKey)
        let client = try site.client(pair)
        #expect(try client.outcome().isHandshakeSucceeded)
        let frame = [UInt8](repeating: 1, count: 256 << 10)
        #expect(try client.socket.send(Message([[UInt8]](repeating: frame, count: 7))) == .sent)
        try client.await { if case .disconnected = $0 { true } else { false } }
        #expect(try cuts.awaitFirst().count == 1)
    }

    @Test("whole messages are accounted for to the byte, so that no honest peer is cut", arguments: [false, true])
    func accounted(hasKeys: Bool) throws {
        let limits = cuts.limits(4096, inAll: 1 << 20)
        let site = try SecuritySite(limits)
        let pair = try CurveKeyPair()
        site.allowed.insert(pair.publicKey)
        let (open, endpoint) = try listen(limits)
        let server = hasKeys ? site.server : open
        var options = SocketOptions()
        if hasKeys { options.security = .client(pair, serverKey: site.keys.publicKey) }
        let client = try Socket(.dealer, in: hasKeys ? site.context : context, options: options)
        try client.connect(hasKeys ? site.endpoint : endpoint)
        // Lengths on both sides of where ZMTP's length field grows, boxed and not.
        for round in 0..<4000 {
            let frames = [[UInt8](repeating: 1, count: 200 + round % 70), [], [UInt8](repeating: 2, count: 1000)]
            // libzmq notices late that its peer has taken messages.
            try blockUntil("there is room for a message", every: .zero) {
                if try client.send(Message(frames)) == .sent { return true }
                try client.settle()
                return false
            }
            try #require(try server.awaitMessage().frames.count == 4, "round \(round), cut: \(cuts.all)")
        }
        // The first cut is that of a message which nobody takes, with no more on the account than it, and the handshake.
        #expect(cuts.all.isEmpty)
        try blockUntil("there is room for a message", every: .zero) {
            if try client.send(Message([[UInt8](repeating: 1, count: 8192)])) == .sent { return true }
            try client.settle()
            return false
        }
        let cut = try cuts.awaitFirst()
        #expect(cut.count == 1 && cut[0] <= options.security.wireBytes(of: 8192) + 1024, "\(cut)")
    }
}
