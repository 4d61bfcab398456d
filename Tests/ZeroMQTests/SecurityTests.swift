import Testing

@testable import ZeroMQ

@Suite("Sockets with keys")
struct SecurityTests {
    @Test("an allowed key gets in, and its messages carry it; both directions work")
    func allowed() throws {
        let site = try SecuritySite()
        let pair = try CurveKeyPair()
        site.allowed.insert(pair.publicKey)
        let client = try site.client(pair)
        #expect(try client.outcome().isHandshakeSucceeded)
        for frames in [[[1]], [[], [2], [3]], [[]]] as [[[UInt8]]] {
            #expect(try client.socket.send(Message(frames)) == .sent)
            let message = try site.server.awaitMessage()
            #expect(message.frames.dropFirst().elementsEqual(frames))
            #expect(message.userID == pair.publicKey.userID)
            #expect(try site.server.send(Message([message.frames[0], [9]])) == .sent)
            #expect(try client.socket.awaitMessage().frames == [[9]])
        }
        let asked = try #require(site.allowed.asked.first)
        #expect(asked.key == pair.publicKey)
        #expect(asked.address == "127.0.0.1")
    }

    @Test("a key that is not allowed is refused, and nothing it sent arrives")
    func refused() throws {
        let site = try SecuritySite()
        let client = try site.client(CurveKeyPair())
        _ = try client.socket.send(Message([[1]]))
        #expect(try client.outcome() == .refused(status: 400))
        #expect(try site.server.receive() == nil)
        #expect(site.allowed.asked.count == 1)
    }

    @Test("the identity is the key, whatever routing id a peer chooses")
    func identity() throws {
        let site = try SecuritySite()
        let pairs = [try CurveKeyPair(), try CurveKeyPair()]
        for pair in pairs {
            site.allowed.insert(pair.publicKey)
            let client = try site.client(pair)
            #expect(try client.socket.send(Message([Array("left".utf8)])) == .sent)
            #expect(try site.server.awaitMessage().userID == pair.publicKey.userID)
        }
    }

    @Test("another server key: the client learns no more than that the connection ends, and never gets in")
    func wrongServerKey() throws {
        let site = try SecuritySite()
        let pair = try CurveKeyPair()
        site.allowed.insert(pair.publicKey)
        let client = try site.client(pair, serverKey: CurveKeyPair().publicKey)
        #expect(try client.outcome() == .abandoned)
        #expect(site.allowed.asked.isEmpty)
    }

    @Test("a client without keys at a server with keys, and the reverse, is a mismatch on both sides")
    func mismatch() throws {
        let site = try SecuritySite()
        let client = try site.openClient()
        _ = try client.socket.send(Message([[1]]))
        // A side that is slow to answer finds the connection closed; the next one tells it why.
        try client.await { $0 == .mechanismMismatch }
        #expect(try site.server.receive() == nil)

        let open = try Socket(.router, in: site.context)
        let endpoint = try open.bind("tcp://127.0.0.1:*")
        var options = SocketOptions()
        options.security = .client(try CurveKeyPair(), serverKey: site.keys.publicKey)
        let secured = try Socket(.dealer, in: site.context, options: options)
        let monitor = try SocketMonitor(of: secured)
        try secured.connect(endpoint)
        _ = try monitor.await(in: site.context) { $0 == .mechanismMismatch }
    }

    @Test("with the handler gone, an allowed key is refused: nobody gets in unasked")
    func handlerGone() throws {
        let site = try SecuritySite()
        let pair = try CurveKeyPair()
        site.allowed.insert(pair.publicKey)
        site.authenticator.stop()
        #expect(!site.authenticator.isRunning)
        let client = try site.client(pair)
        _ = try client.socket.send(Message([[1]]))
        #expect(try !client.outcome().isHandshakeSucceeded)
        #expect(try site.server.receive() == nil)
    }

    @Test("a socket with keys is not bound without a running handler")
    func bindingWithoutHandler() throws {
        let context = try Context()
        let authenticator = try Authenticator(in: context, domain: "test") { _ in true }
        var options = SocketOptions()
        options.security = .server(try CurveKeyPair(), authenticator)
        let socket = try Socket(.router, in: context, options: options)
        authenticator.stop()
        let error = #expect(throws: ZeroMQError.self) { _ = try socket.bind("tcp://127.0.0.1:*") }
        #expect(error?.code == .authenticatorGone)
    }

    @Test("an empty domain, which libzmq would never ask about, cannot be had")
    func emptyDomain() throws {
        let context = try Context()
        for domain in ["", String(repeating: "x", count: 256)] {
            let error = #expect(throws: ZeroMQError.self) {
                _ = try Authenticator(in: context, domain: domain) { _ in true }
            }
            #expect(error?.code == .badDomain)
        }
    }

    @Test("a context has one authenticator at a time, and another when that one is gone")
    func oneAuthenticator() throws {
        let context = try Context()
        for _ in 0..<2 {
            let first = try Authenticator(in: context, domain: "test") { _ in true }
            let error = #expect(throws: ZeroMQError.self) {
                _ = try Authenticator(in: context, domain: "test") { _ in true }
            }
            #expect(error?.code == .addressInUse)
            #expect(first.isRunning)
        }
    }

    @Test("a refusal may come later, and others are let in meanwhile")
    func delay() throws {
        let context = try Context()
        let (keys, good, bad) = (try CurveKeyPair(), try CurveKeyPair(), try CurveKeyPair())
        let asked = SecuritySite.Allowed()
        asked.insert(good.publicKey)
        let authenticator = try Authenticator(in: context, domain: "test", delay: { _ in .milliseconds(200) }) {
            asked.ask($0)
        }
        var options = SocketOptions()
        options.security = .server(keys, authenticator)
        let server = try Socket(.router, in: context, options: options)
        let endpoint = try server.bind("tcp://127.0.0.1:*")
        func client(_ pair: CurveKeyPair) throws -> (Socket, SocketMonitor) {
            var options = SocketOptions()
            options.security = .client(pair, serverKey: keys.publicKey)
            let socket = try Socket(.dealer, in: context, options: options)
            let monitor = try SocketMonitor(of: socket)
            try socket.connect(endpoint)
            return (socket, monitor)
        }
        let refused = try client(bad)
        let admitted = try client(good)
        try admitted.1.await(in: context) { $0.isHandshakeSucceeded }
        #expect(
            try refused.1.await(in: context) { if case .refused = $0 { true } else { false } } == .refused(status: 400))
    }

    @Test("a revoked key keeps its connection until it is cut, and is refused from then on")
    func cut() throws {
        let site = try SecuritySite(ConnectionLimits(pendingBytes: 1 << 20, pendingBytesInAll: 1 << 22))
        let pairs = [try CurveKeyPair(), try CurveKeyPair()]
        let clients = try pairs.map { pair in
            site.allowed.insert(pair.publicKey)
            let client = try site.client(pair)
            #expect(try client.socket.send(Message([[1]])) == .sent)
            #expect(try site.server.awaitMessage().userID == pair.publicKey.userID)
            #expect(try client.outcome().isHandshakeSucceeded)
            return client
        }
        site.allowed.remove(pairs[0].publicKey)
        site.server.disconnect(pairs[0].publicKey.userID)
        #expect(try clients[0].await { if case .refused = $0 { true } else { false } } == .refused(status: 400))
        #expect(try clients[1].socket.send(Message([[2]])) == .sent)
        #expect(try site.server.awaitMessage().userID == pairs[1].publicKey.userID)
    }
}
