import MAEDomain
import MAEKeys
import MAEWire
import TestSupport
import ZeroMQ

/// One end of a conversation, spoken by hand.
final class RawPeer {
    private let socket: Socket
    private let poller: Poller
    /// The other end's name for us, where we are the ROUTER.
    private var route: [UInt8]?
    var session: UInt64?
    var incarnation: UInt64? = 1

    /// A worker's end, with keys where they are given; `immediate` as the product's own workers have it.
    init(
        connectingTo endpoint: String, _ context: Context, _ keys: NodeKeys? = nil, immediate: Bool = false
    ) throws {
        var options = SocketOptions()
        options.immediate = immediate
        if let keys { options.security = .client(keys.pair, serverKey: keys.coordinatorKey) }
        socket = try Socket(.dealer, in: context, options: options)
        poller = Poller(sockets: [socket], in: context)
        try socket.connect(endpoint)
    }

    /// A coordinator's end, for one worker.
    init(listeningAt endpoint: String, _ context: Context) throws {
        socket = try Socket(.router, in: context)
        poller = Poller(sockets: [socket], in: context)
        _ = try socket.bind(endpoint)
    }

    func send(_ body: Envelope.Body) throws {
        try send(raw: frames(of: body))
    }

    func send(raw frames: [[UInt8]]) throws {
        let message = message(frames)
        // Where the socket queues nothing without a connection, there may be none yet.
        try blockUntil("there is a connection") { try socket.send(message) != .wouldBlock }
    }

    /// Sends over a connection that the other end may have cut for good.
    func sendIfPossible(_ body: Envelope.Body) throws { try sendIfPossible(raw: frames(of: body)) }

    func sendIfPossible(raw frames: [[UInt8]]) throws { _ = try socket.send(message(frames)) }

    private func message(_ frames: [[UInt8]]) -> Message { Message((route.map { [$0] } ?? []) + frames) }

    /// The frames of a message, to be sent as they are or otherwise.
    func frames(of body: Envelope.Body) throws -> [[UInt8]] {
        try Envelope(session: session, incarnation: incarnation, body).frames()
    }

    /// The next message if it has come; nil when it has not.
    func receiveIfThere() throws -> Envelope? {
        guard var message = try socket.receive() else { return nil }
        if socket.kind == .router { route = message.frames.removeFirst() }
        return try Envelope(frames: message.frames)
    }

    /// The next message.
    func receive() throws -> Envelope {
        try blockUntilFound("a message comes", every: .zero) {
            if let envelope = try receiveIfThere() { return envelope }
            try poller.wait(atMost: .milliseconds(100))
            return nil
        }
    }

    /// The first of the next messages for which `pick` finds something.
    @discardableResult
    func await<Value>(_ pick: (Envelope) -> Value?) throws -> Value {
        try blockUntilFound("a message that was waited for comes", every: .zero) { pick(try receive()) }
    }

    @discardableResult
    func awaitJob() throws -> JobRequest {
        try self.await { if case .job(let job) = $0.body { job } else { nil } }
    }

    func awaitReject() throws -> Reject {
        try self.await { if case .reject(let reject) = $0.body { reject } else { nil } }
    }

    func awaitAcknowledgement() throws -> Lease {
        try self.await { if case .accepted(let accepted) = $0.body { accepted.leases.first } else { nil } }
    }

    /// Asks to join a cluster under a name.
    func sayHello(_ name: String) throws { try send(Self.hello(name)) }

    /// What asks to join a cluster under a name.
    static func hello(_ name: String) -> Envelope.Body {
        .hello(
            Hello(
                node: NodeIdentity(
                    name: name, host: "here", backend: "raw", device: "none", isa: "none", threads: 1,
                    numericClass: "light", engineBuild: "raw"), maximumJobs: 2))
    }

    /// Joins a cluster under a name.
    func join(_ name: String) throws {
        try sayHello(name)
        session = try self.await { envelope -> UInt64? in
            if case .welcome = envelope.body { envelope.session } else { nil }
        }
    }
}
