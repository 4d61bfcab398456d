import Glibc
import MAECluster
import MAEDomain
import MAEFiles
import MAEKeys
import ZeroMQ

/// How a worker takes part in a cluster.
public struct WorkerOptions: Sendable {
    /// The coordinator's endpoint, such as `tcp://host:5599`.
    public var endpoint: String
    /// The name that the node is known by.
    public var node: NodeID
    /// The machine's name.
    public var host: String
    /// The node's key file, for a coordinator that uses keys; nil for one that uses none.
    public var keyFile: String?
    /// The times to work by.
    public var policy = WorkerPolicy()
    /// How long to wait for a coordinator, before the log says again that there is none.
    public var reminderInterval: Duration = .seconds(60)
    /// How long to wait after a handshake failed, before the key file is read again and another one begins.
    public var handshakeInterval: Duration = .seconds(5)

    /// A worker named `node` for the coordinator at `endpoint`.
    public init(endpoint: String, node: NodeID, host: String) {
        self.endpoint = endpoint
        self.node = node
        self.host = host
    }

    /// The keys in the node's file as it is now; nil where none are used.
    ///
    /// Throws `KeyError`, for a file that holds another node's key too.
    func readKeys() throws -> NodeKeys? {
        guard let keyFile else { return nil }
        let keys = try NodeKeys(file: keyFile)
        guard keys.node == node else {
            throw KeyError(.malformed, keyFile, "holds the key of \(keys.node): start a worker of that name")
        }
        return keys
    }

    /// Makes sure, where no keys prove who listens at a socket file, that only this user and root could have put it there.
    ///
    /// Throws ``UnguardedSocket``.
    func requireGuardedSocket() throws(UnguardedSocket) {
        guard keyFile == nil, let file = Endpoint.socketFile(endpoint) else { return }
        do { try Folder.requireGuarded(FileSystem.split(file).folder) } catch {
            throw UnguardedSocket(endpoint, error)
        }
    }

    /// A socket for the calling thread, which uses `keys` and is to be connected to the coordinator.
    func socket(
        _ socketOptions: SocketOptions, _ keys: NodeKeys?, in context: Context
    ) throws(ZeroMQError) -> Socket {
        var socketOptions = socketOptions
        if let keys { socketOptions.security = .client(keys.pair, serverKey: keys.coordinatorKey) }
        return try Socket(.dealer, in: context, options: socketOptions)
    }

    /// A socket for the calling thread that is connected to the coordinator, with the keys of now.
    ///
    /// Throws `KeyError` and `ZeroMQError`.
    func connect(_ socketOptions: SocketOptions, in context: Context) throws -> Socket {
        let socket = try socket(socketOptions, readKeys(), in: context)
        try socket.connect(endpoint)
        return socket
    }
}

/// Why a worker does not connect to a socket file.
public struct UnguardedSocket: Error, CustomStringConvertible {
    /// The endpoint, what is wrong with its folder, and the remedy.
    public let description: String

    init(_ endpoint: String, _ error: FileError) {
        guard error.problem != .system(ENOENT) else {
            description = "\(endpoint): there is no folder \(error.path); make it, or name a file in another one"
            return
        }
        description =
            "\(endpoint): \(error.reason), so another program could pass for the coordinator; leave --connect out for the "
            + "socket file of this user, or use keys with --key"
    }
}
