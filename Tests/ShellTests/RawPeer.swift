import Glibc
import MAEKeys
import MAEWire
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
        let message = Message((route.map { [$0] } ?? []) + frames)
        let deadline = ContinuousClock.now + .seconds(10)
        // Until there is a connection, where the socket queues nothing without one.
        while try socket.send(message) == .wouldBlock, ContinuousClock.now < deadline { usleep(1000) }
    }

    /// The frames of a message, to be sent as they are or otherwise.
    func frames(of body: Envelope.Body) throws -> [[UInt8]] {
        try Envelope(session: session, incarnation: incarnation, body).frames()
    }

    /// The next message, or nil when none has come in time.
    func receive(within time: Duration = .seconds(10)) throws -> Envelope? {
        let deadline = ContinuousClock.now + time
        while ContinuousClock.now < deadline {
            if var message = try socket.receive() {
                if socket.kind == .router { route = message.frames.removeFirst() }
                return try Envelope(frames: message.frames)
            }
            try poller.wait(atMost: deadline - ContinuousClock.now)
        }
        return nil
    }

    /// The first of the next messages for which `pick` finds something.
    func await<Value>(_ pick: (Envelope) -> Value?) throws -> Value? {
        while let envelope = try receive() {
            if let value = pick(envelope) { return value }
        }
        return nil
    }

    func awaitJob() throws -> Job? {
        try self.await { if case .job(let job) = $0.body { job } else { nil } }
    }

    func awaitReject() throws -> Reject? {
        try self.await { if case .reject(let reject) = $0.body { reject } else { nil } }
    }

    func awaitAcknowledgement() throws -> LeaseReference? {
        try self.await { if case .accepted(let accepted) = $0.body { accepted.leases.first } else { nil } }
    }

    /// Asks to join a cluster under a name.
    func sayHello(_ name: String) throws {
        try send(
            .hello(
                Hello(
                    name: name, host: "here", pid: 1, build: "raw", backend: "raw", device: "none", isa: "none",
                    threads: 1, numericClass: "light", instructionSets: [], knownAnswers: [], maximumJobs: 2)))
    }

    /// Joins a cluster under a name.
    func join(_ name: String) throws {
        try sayHello(name)
        session = try self.await { if case .welcome = $0.body { $0.session } else { nil } }
    }
}
