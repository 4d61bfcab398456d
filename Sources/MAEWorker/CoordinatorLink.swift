import Logging
import MAEKeys
import MAEText
import MAEWire
import Synchronization
import ZeroMQ

/// The connection to the coordinator, with whatever keeps it from being of use told in the log.
///
/// After a handshake that failed, the key file is read again and a new socket is made: libzmq does not try again by itself
/// once it was refused, and what is wrong may have been put right meanwhile.
final class CoordinatorLink: CoordinatorChannel {
    /// Why there is no connection.
    private enum Trouble: Equatable {
        /// The coordinator does not accept our key.
        case refused
        /// One side uses keys and the other does not.
        case mismatch
        /// The program that listens there has another key than the coordinator's.
        case otherKey
    }

    /// Bytes that the coordinator may have sent without our having had whole messages of them, and memory that may be held for
    /// them: a job with its noise, and everything else, which is small.
    private static let pendingBytes = WireLimits.jobPayloadBytes + (4 << 20)
    private static let heldBytes = 64 << 20

    /// How often a file that names the endpoint is looked at.
    private static let lookInterval = Duration.seconds(1)

    /// A socket, and what happens to its connection: of each by itself, since an earlier one may tell of its end late.
    private struct Connection {
        let socket: Socket
        let events: Mailbox<ConnectionEvent>
    }

    /// Nil as long as it is not known where the coordinator is.
    private var connection: Connection?
    private let options: WorkerOptions
    private let context: Context
    private let log: Logger
    private var keys: NodeKeys?
    private var isShakingHands = false
    /// Connections in a row that ended during the handshake.
    private var brokenHandshakes = 0
    private var retry: ContinuousClock.Instant?
    /// When to look at the file that names the endpoint; nil where there is none.
    private var look: ContinuousClock.Instant?
    private var told: (trouble: Trouble, at: ContinuousClock.Instant)?

    /// Connects in the background.
    ///
    /// Throws `KeyError` for a key file that cannot be trusted, and ``UnguardedSocket``.
    init(_ options: WorkerOptions, in context: Context, _ log: Logger) throws {
        self.options = options
        self.context = context
        self.log = log
        keys = try options.readKeys()
        if let endpoint = options.address.endpoint {
            try options.requireGuardedSocket(endpoint)
            try open(endpoint)
        } else {
            look = .now
            try attend()
        }
    }

    /// What to wait for.
    var sockets: [Socket] { connection.map { [$0.socket] } ?? [] }

    /// What to wait for besides.
    var descriptors: [CInt] { connection.map { [$0.events.wakeUp.descriptor] } ?? [] }

    var timeout: Duration? { [retry, look].compactMap(\.self).min().map { max($0 - .now, .zero) } }

    func receive() throws -> Message? { try connection?.socket.receive() }

    func send(_ message: Message) throws { _ = try connection?.socket.send(message) }

    func attend() throws {
        if let look, ContinuousClock.now >= look { try lookForCoordinator() }
        for event in connection?.events.takeAll() ?? [] {
            switch event {
            case .connected: isShakingHands = true
            case .handshakeSucceeded:
                isShakingHands = false
                brokenHandshakes = 0
                told = nil
            case .refused: note(.refused)
            case .mechanismMismatch: note(.mismatch)
            case .disconnected where isShakingHands:
                isShakingHands = false
                brokenHandshakes += 1
                // Once may be a coordinator that ended just then. CURVE has no other answer to a wrong key than silence.
                if brokenHandshakes > 1, keys != nil { note(.otherKey) }
            case .disconnected, .handshakeFailed, .abandoned, .accepted: break
            }
        }
        if let retry, ContinuousClock.now >= retry { try reopen() }
    }

    /// Connects to the coordinator that the file names, where that is another one than before.
    private func lookForCoordinator() throws {
        look = .now + Self.lookInterval
        switch options.address.look(refusing: options.refusal) {
        case .none: break
        case .fault(let words): log.error("\(words); looking again")
        case .endpoint(let endpoint):
            log.info("the coordinator is to be at \(endpoint)")
            try open(endpoint)
        }
    }

    /// Connects to `endpoint` in the background, and to no other any more.
    private func open(_ endpoint: String) throws {
        if options.keyFile == nil, Endpoint.isOpenToAccounts(endpoint) {
            log.warning(
                """
                any account of this machine could pass for the coordinator at \(endpoint): use keys with --key, or \
                leave --connect out for the socket file of this user
                """)
        }
        retry = nil
        isShakingHands = false
        brokenHandshakes = 0
        connection = try Self.connection(to: endpoint, options, keys, context, log)
        HostLookup.complain(of: endpoint, log)
    }

    private func note(_ trouble: Trouble) {
        isShakingHands = false
        guard retry == nil else { return }
        let now = ContinuousClock.now
        retry = now + options.handshakeInterval
        if let told, told.trouble == trouble, now - told.at < options.reminderInterval { return }
        told = (trouble, now)
        log.error("\(words(trouble)); trying again")
    }

    private func reopen() throws {
        retry = nil
        isShakingHands = false
        brokenHandshakes = 0
        do {
            keys = try options.readKeys()
        } catch let error as KeyError {
            log.error("keeping the old key: \(error)")
        }
        guard let endpoint = options.address.endpoint else { return }
        connection = try Self.connection(to: endpoint, options, keys, context, log)
    }

    private static func connection(
        to endpoint: String, _ options: WorkerOptions, _ keys: NodeKeys?, _ context: Context, _ log: Logger
    ) throws(ZeroMQError) -> Connection {
        let events = try Mailbox<ConnectionEvent>()
        var socketOptions = SocketOptions()
        socketOptions.immediate = true
        socketOptions.ioThread = WorkerOptions.messageThread
        socketOptions.maximumFrameBytes = WireLimits.jobPayloadBytes
        socketOptions.maximumFrames = WireLimits.frames
        // One coordinator after another may be cut, and each is looked for again after a pause only.
        let cuts = Mutex(LineLimiter())
        var limits = ConnectionLimits(pendingBytes: pendingBytes, pendingBytesInAll: pendingBytes) { notice in
            switch notice {
            case .event(let event): events.post(event)
            case .cut(let bytes, _):
                guard let count = cuts.withLock({ $0.next("cut") }) else { return }
                log.error(
                    "the connection was cut: the coordinator had sent \(bytes) bytes that are no whole messages\(LineLimiter.suffix(count))"
                )
            case .cutSilent, .cutExcess, .cutBroken, .cutOpen: break
            }
        }
        limits.heldBytes = heldBytes
        socketOptions.connectionLimits = limits
        let socket = try options.socket(socketOptions, keys, in: context)
        try socket.connect(endpoint)
        return Connection(socket: socket, events: events)
    }

    private func words(_ trouble: Trouble) -> String {
        let (endpoint, file) = (options.address, options.keyFile ?? "")
        switch (trouble, keys) {
        case (.refused, let keys?):
            return
                "the coordinator at \(endpoint) refused the key of \(keys.node). If it was never added there, do so with: "
                + "mae-coord keys add '\(keys.node)' --public-key '\(keys.pair.publicKey)'. If it was revoked, get another "
                + "from: mae-coord keys add '\(keys.node)'"
        case (.refused, nil): return "the coordinator at \(endpoint) refused this worker"
        case (.mismatch, nil):
            return "the coordinator at \(endpoint) wants keys: make a node file there with `mae-coord keys add NODE`, "
                + "copy it to this machine, and give it with --key FILE"
        case (.mismatch, _?):
            return "the coordinator at \(endpoint) uses no keys: start it with --secure, or this worker without --key"
        case (.otherKey, _):
            return
                "the program that listens at \(endpoint) has another key than the coordinator's in \(file): its keys were made "
                + "again, or it is another coordinator; get a new node file from `mae-coord keys add NODE` there"
        }
    }
}
