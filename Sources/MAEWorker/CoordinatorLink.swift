import Logging
import MAEKeys
import MAEWire
import ZeroMQ

/// The socket to the coordinator, with whatever keeps it from being of use told in the log.
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

    private var socket: Socket
    private var monitor: SocketMonitor
    private let options: WorkerOptions
    private let context: Context
    private let log: Logger
    private var keys: NodeKeys?
    private var isShakingHands = false
    /// Connections in a row that ended during the handshake.
    private var brokenHandshakes = 0
    private var retry: ContinuousClock.Instant?
    private var told: (trouble: Trouble, at: ContinuousClock.Instant)?

    /// Connects in the background.
    ///
    /// Throws `KeyError` for a key file that cannot be trusted, and ``UnguardedSocket``.
    init(_ options: WorkerOptions, in context: Context, _ log: Logger) throws {
        self.options = options
        self.context = context
        self.log = log
        keys = try options.readKeys()
        try options.requireGuardedSocket()
        if keys == nil, Endpoint.isOpenToAccounts(options.endpoint) {
            log.warning(
                """
                any account of this machine could pass for the coordinator at \(options.endpoint): use keys with --key, or \
                leave --connect out for the socket file of this user
                """)
        }
        (socket, monitor) = try Self.open(options, keys, context)
        HostLookup.complain(of: options.endpoint, log)
    }

    /// What to wait for.
    var sockets: [Socket] { [socket, monitor.socket] }

    var timeout: Duration? { retry.map { max($0 - .now, .zero) } }

    func receive() throws -> Message? { try socket.receive() }

    func send(_ message: Message) throws { _ = try socket.send(message) }

    func attend() throws {
        while let event = try monitor.next() {
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
        (socket, monitor) = try Self.open(options, keys, context)
    }

    private static func open(
        _ options: WorkerOptions, _ keys: NodeKeys?, _ context: Context
    ) throws(ZeroMQError) -> (Socket, SocketMonitor) {
        var socketOptions = SocketOptions()
        socketOptions.immediate = true
        socketOptions.maximumFrameBytes = WireLimits.payloadBytes
        socketOptions.maximumFrames = WireLimits.frames
        let socket = try options.socket(socketOptions, keys, in: context)
        let monitor = try SocketMonitor(of: socket)
        try socket.connect(options.endpoint)
        return (socket, monitor)
    }

    private func words(_ trouble: Trouble) -> String {
        let (endpoint, file) = (options.endpoint, options.keyFile ?? "")
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
