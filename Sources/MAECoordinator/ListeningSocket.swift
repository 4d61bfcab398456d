import Glibc
import Logging
import MAEKeys
import MAEWire
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

    /// Bytes that the pooled vectors of an image take, at most: 16,384 numbers.
    private static let vectorBytes = 64 << 10

    /// Listens; with keys, only after a key of its own making was refused.
    ///
    /// Each peer may send what the results of as many jobs take as a node holds at once, of `batchSize` images each.
    ///
    /// Throws ``CoordinatorError`` for an endpoint that other machines can reach while no keys are used, and for a socket file
    /// that ``SocketFile`` refuses, `KeyError` for keys that cannot be trusted, and `ZeroMQError`.
    init(_ options: CoordinatorOptions, batchSize: Int, in context: Context, _ log: Logger) throws {
        socketFile = try Endpoint.socketFile(options.endpoint).map { path throws(CoordinatorError) in
            try SocketFile(path, of: options.endpoint, usesKeys: options.keys != nil)
        }
        var socketOptions = SocketOptions()
        socketOptions.maximumFrameBytes = WireLimits.payloadBytes
        socketOptions.maximumFrames = WireLimits.frames
        let refusals = RefusalList()
        self.refusals = refusals
        let connectionLog = ConnectionLog(hasKeys: options.keys != nil, refusals, log)
        let leases = max(options.policy.leasesPerNode, options.policy.mostLeasesPerNode)
        let results = min(batchSize * Self.vectorBytes * leases, WireLimits.payloadBytes)
        var limits = ConnectionLimits(
            pendingBytes: options.pendingBytes + results, pendingBytesInAll: options.pendingBytesInAll,
            observer: connectionLog.note)
        limits.heldBytes = options.heldBytes
        socketOptions.connectionLimits = limits
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
        let authenticator = try Authenticator(
            in: context, domain: "mae-cluster", delay: authorizer.delay, authorize: authorizer.authorizes)
        socketOptions.security = .server(keys, authenticator)
        socket = try Socket(.router, in: context, options: socketOptions)
        endpoint = try socket.bind(options.endpoint)
        self.authorizer = authorizer
        try AuthenticationCheck.requireRefusal(endpoint, serverKey: keys.publicKey, in: context)
        authorizer.logRefusals()
    }
}
