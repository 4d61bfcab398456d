import Glibc
import Logging
import MAEKeys
import MAEWire
import Synchronization
import ZeroMQ

/// How workers reach a coordinator, and which of them may.
struct CoordinatorAccess {
    let transport: any CoordinatorTransport
    /// The endpoint with the real port.
    let endpoint: String
    /// Which keys may take part; nil where no keys are used.
    let authorizer: KeyAuthorizer?
    /// The peers that were turned away.
    let refusals: RefusalList
}

/// The coordinator's socket with everything that decides which peers may use it.
struct ListeningSocket {
    let socket: Socket
    /// The endpoint with the real port.
    let endpoint: String
    /// Which keys may take part; nil where no keys are used.
    let authorizer: KeyAuthorizer?
    /// The peers that were turned away.
    let refusals: RefusalList
    /// Keeps other coordinators from the socket file, where there is one.
    let socketFile: SocketFile?

    /// How workers reach a coordinator through this socket.
    var access: CoordinatorAccess {
        CoordinatorAccess(transport: socket, endpoint: endpoint, authorizer: authorizer, refusals: refusals)
    }

    /// Listens; with keys, only after a key of its own making was refused.
    ///
    /// Throws ``CoordinatorError`` for an endpoint that other machines can reach while no keys are used, and for a socket file
    /// that ``SocketFile`` refuses, `KeyError` for keys that cannot be trusted, and `ZeroMQError`.
    init(_ options: CoordinatorOptions, in context: Context, _ log: Logger) throws {
        socketFile = try Endpoint.socketFile(options.endpoint).map { path throws(CoordinatorError) in
            try SocketFile(path, of: options.endpoint, usesKeys: options.keys != nil)
        }
        var socketOptions = SocketOptions()
        socketOptions.maximumFrameBytes = WireLimits.payloadBytes
        socketOptions.maximumFrames = WireLimits.frames
        let hasKeys = options.keys != nil
        let refusals = RefusalList()
        self.refusals = refusals
        // By reason, so that a flood of one kind hides no first of another.
        let failureCounts = Mutex<[String: SparseCount]>([:])
        socketOptions.connectionLimits = ConnectionLimits(
            pendingBytes: options.pendingBytes, pendingBytesInAll: options.pendingBytesInAll
        ) { notice in
            switch notice {
            case .cut(let bytes):
                log.error("a connection was cut: it had sent \(bytes) bytes without ending its message")
            case .cutSilent(let count):
                let reason = "too many connections over which nothing was said"
                refusals.add(reason)
                guard let times = failureCounts.withLock({ $0[reason, default: SparseCount()].next() }) else { return }
                log.warning("\(count) connections were cut (\(times) times so far): there were \(reason)")
            case .cutExcess(let userID, let count):
                let reason = "too many connections with one key"
                refusals.add(reason)
                let key = CurvePublicKey(z85: userID).map { " \($0)" } ?? ""
                guard let times = failureCounts.withLock({ $0[reason, default: SparseCount()].next() }) else { return }
                log.warning("\(count) connections of the key\(key) were cut (\(times) times so far): it had \(reason)")
            // The authorizer has logged it, with the key.
            case .handshakeFailed(.refused): break
            // A probe, or a worker that ended just then: neither was refused.
            case .handshakeFailed(.abandoned): log.debug("a peer closed its connection before it said who it is")
            case .handshakeFailed(let event):
                let reason = Self.words(event, hasKeys: hasKeys)
                refusals.add(reason)
                guard let count = failureCounts.withLock({ $0[reason, default: SparseCount()].next() }) else { return }
                log.warning("a peer was turned away (\(count) so far): \(reason)")
            }
        }
        guard let folder = options.keys else {
            guard Endpoint.isLocal(options.endpoint) else { throw CoordinatorError(needsKeys: options.endpoint) }
            socket = try Socket(.router, in: context, options: socketOptions)
            // The file of a socket has the permissions that this leaves: only this user is to connect.
            let mask = umask(0o077)
            defer { umask(mask) }
            endpoint = try socket.bind(options.endpoint)
            authorizer = nil
            if Endpoint.isOpenToAccounts(endpoint) {
                log.warning(
                    """
                    every account of this machine can take part at \(endpoint), fetch the checkpoints and pass for the \
                    coordinator: leave --bind out for a socket file of your own, or use keys with --secure
                    """)
            }
            return
        }
        let keys = try folder.coordinatorKeys()
        let authorizer = try KeyAuthorizer(folder, extraKeys: options.extraKeys, refusals, log)
        let authenticator = try Authenticator(in: context, domain: "mae-cluster") { authorizer.authorizes($0) }
        socketOptions.security = .server(keys, authenticator)
        socket = try Socket(.router, in: context, options: socketOptions)
        endpoint = try socket.bind(options.endpoint)
        self.authorizer = authorizer
        try AuthenticationCheck.requireRefusal(endpoint, serverKey: keys.publicKey, in: context)
        authorizer.logRefusals()
    }

    private static func words(_ event: ConnectionEvent, hasKeys: Bool) -> String {
        switch (event, hasKeys) {
        case (.mechanismMismatch, true): "it uses no keys; give its mae-worker a node file with --key"
        case (.mechanismMismatch, false): "it uses keys; start mae-coord with --secure, or its mae-worker without --key"
        case (_, true): "it has another public key for this coordinator, or speaks another protocol"
        case (_, false): "it speaks another protocol"
        }
    }
}
