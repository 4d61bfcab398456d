import Synchronization
import TestSupport

@testable import ZeroMQ

/// A listening socket with keys, and whoever wants to connect to it.
final class SecuritySite {
    let context: Context
    let keys: CurveKeyPair
    let allowed = Allowed()
    let authenticator: Authenticator
    let server: Socket
    let endpoint: String

    /// The keys that may connect, and what was asked.
    final class Allowed: Sendable {
        private let state = Mutex((keys: Set<CurvePublicKey>(), asked: [Authenticator.Client]()))

        var asked: [Authenticator.Client] { state.withLock(\.asked) }
        func insert(_ key: CurvePublicKey) { state.withLock { _ = $0.keys.insert(key) } }
        func remove(_ key: CurvePublicKey) { state.withLock { _ = $0.keys.remove(key) } }
        func ask(_ client: Authenticator.Client) -> Bool {
            state.withLock { state in
                state.asked.append(client)
                return state.keys.contains(client.key)
            }
        }
    }

    init(_ limits: ConnectionLimits? = nil) throws {
        context = try Context()
        keys = try CurveKeyPair()
        authenticator = try Authenticator(in: context, domain: "test") { [allowed] in allowed.ask($0) }
        var options = SocketOptions()
        options.security = .server(keys, authenticator)
        options.connectionLimits = limits
        server = try Socket(.router, in: context, options: options)
        endpoint = try server.bind("tcp://127.0.0.1:*")
    }

    /// A client with a key of its own, and what becomes of its connection.
    func client(_ pair: CurveKeyPair, serverKey: CurvePublicKey? = nil) throws -> Client {
        try Client(.client(pair, serverKey: serverKey ?? keys.publicKey), self)
    }

    /// A client without keys.
    func openClient() throws -> Client { try Client(.open, self) }

    final class Client {
        let socket: Socket
        private let monitor: SocketMonitor

        init(_ security: SocketOptions.Security, _ site: SecuritySite) throws {
            var options = SocketOptions()
            options.security = security
            socket = try Socket(.dealer, in: site.context, options: options)
            monitor = try SocketMonitor(of: socket)
            try socket.connect(site.endpoint)
        }

        /// The next event for which `isWanted` holds.
        @discardableResult
        func await(_ isWanted: (ConnectionEvent) -> Bool) throws -> ConnectionEvent {
            try monitor.await(in: socket.context, isWanted)
        }

        /// How the handshake ended.
        func outcome() throws -> ConnectionEvent {
            try self.await {
                switch $0 {
                case .connected, .accepted: false
                case .handshakeSucceeded, .refused, .mechanismMismatch, .handshakeFailed, .abandoned, .disconnected:
                    true
                }
            }
        }
    }
}

extension SocketMonitor {
    /// The next event for which `isWanted` holds.
    func await(in context: Context, _ isWanted: (ConnectionEvent) -> Bool) throws -> ConnectionEvent {
        let poller = Poller(sockets: [socket], in: context)
        return try blockUntilFound("the event of a connection", every: .zero) {
            while let event = try next() { if isWanted(event) { return event } }
            try poller.wait(atMost: .milliseconds(100))
            return nil
        }
    }
}
