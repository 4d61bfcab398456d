import Glibc
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
        func awaitFirst() -> [Int] {
            let deadline = ContinuousClock.now + .seconds(10)
            while all.isEmpty, ContinuousClock.now < deadline { usleep(1000) }
            return all
        }

        func limits(_ bytes: Int, inAll: Int) -> ConnectionLimits {
            ConnectionLimits(pendingBytes: bytes, pendingBytesInAll: inAll) { notice in
                if case .cut(let bytes) = notice { self.pending.withLock { $0.append(bytes) } }
            }
        }
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
        let (server, endpoint) = try listen(cuts.limits(8 << 20, inAll: 1 << 30))
        let peer = try #require(EndlessPeer(endpoint, frameBytes: 64 << 10))
        let deadline = ContinuousClock.now + .seconds(20)
        while peer.send(atMost: 1 << 20), ContinuousClock.now < deadline {}
        #expect(!peer.send(atMost: 1))
        // Beside the limit, what arrives between two looks at the account.
        let cut = try #require(cuts.awaitFirst().first)
        #expect(cut > 8 << 20 && cut < 1 << 30)
        #expect(try server.receive() == nil)

        let honest = try Socket(.dealer, in: context)
        try honest.connect(endpoint)
        #expect(try honest.send(Message([[1], [2]])) == .sent)
        #expect(try server.awaitMessage()?.frames.dropFirst() == [[1], [2]])
    }

    @Test("beyond the limit for all, the connection with most pending is cut, and no more than needed")
    func inAll() throws {
        let (server, endpoint) = try listen(cuts.limits(1 << 30, inAll: 8 << 20))
        let small = try #require(EndlessPeer(endpoint, frameBytes: 64 << 10))
        #expect(small.send(atMost: 1 << 20))
        let large = try #require(EndlessPeer(endpoint, frameBytes: 64 << 10))
        let deadline = ContinuousClock.now + .seconds(20)
        while large.send(atMost: 1 << 20), ContinuousClock.now < deadline {}
        #expect(cuts.awaitFirst().count == 1)
        #expect(small.send(atMost: 1))
        #expect(try server.receive() == nil)
    }

    @Test("with keys, what is queued is cut too while nobody takes it off the socket")
    func withKeys() throws {
        let site = try SecuritySite(cuts.limits(1 << 20, inAll: 1 << 30))
        let pair = try CurveKeyPair()
        site.allowed.insert(pair.publicKey)
        let client = try site.client(pair)
        #expect(try client.outcome() == .handshakeSucceeded)
        let frame = [UInt8](repeating: 1, count: 256 << 10)
        #expect(try client.socket.send(Message([[UInt8]](repeating: frame, count: 7))) == .sent)
        #expect(try client.await { if case .disconnected = $0 { true } else { false } } != nil)
        #expect(cuts.awaitFirst().count == 1)
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
            while try client.send(Message(frames)) != .sent { try client.settle() }
            try #require(try server.awaitMessage()?.frames.count == 4, "round \(round), cut: \(cuts.all)")
        }
        // Looked at at least once after the last message.
        let start = ContinuousClock.now
        while ContinuousClock.now < start + .milliseconds(300) { _ = try server.receive() }
        #expect(cuts.all.isEmpty)
    }
}
