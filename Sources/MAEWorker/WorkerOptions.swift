import Glibc
import MAECluster
import MAEDomain
import MAEFiles
import MAEKeys
import ZeroMQ

/// How a worker takes part in a cluster.
public struct WorkerOptions: Sendable {
    /// Where the coordinator is.
    public var address: CoordinatorAddress
    /// The name that the node is known by, unless its policy lets it take another.
    public var node: NodeID
    /// The machine's name.
    public var host: String
    /// The node's key file, for a coordinator that uses keys; nil for one that uses none.
    public var keyFile: String?
    /// The times to work by.
    public var policy = WorkerPolicy()
    /// How long a job may go on, and its result be handed in, after a signal told the worker to end.
    public var grace: Duration = .seconds(5)
    /// How long to wait for a coordinator, before the log says again that there is none.
    public var reminderInterval: Duration = .seconds(60)
    /// How long to wait after a handshake failed, before the key file is read again and another one begins.
    public var handshakeInterval: Duration = .seconds(5)

    /// Threads for network traffic that a worker's context should have: one for its messages, and one for files.
    ///
    /// With a single one, heartbeats would wait while the connection for files asks a slow name server for the coordinator.
    public static let ioThreads = 2
    static let messageThread = 0
    static let fileThread = 1

    /// A worker named `node` for the coordinator at `endpoint`.
    public init(endpoint: String, node: NodeID, host: String) {
        self.init(address: CoordinatorAddress(endpoint: endpoint), node: node, host: host)
    }

    /// A worker named `node` for the coordinator at `address`.
    public init(address: CoordinatorAddress, node: NodeID, host: String) {
        self.address = address
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
    func requireGuardedSocket(_ endpoint: String) throws(UnguardedSocket) {
        guard keyFile == nil, let file = Endpoint.socketFile(endpoint) else { return }
        do { try Folder.requireGuarded(FileSystem.split(file).folder) } catch {
            throw UnguardedSocket(endpoint, error)
        }
    }

    /// Why an endpoint that a file names is not connected to, in words; nil where it is.
    func refusal(_ endpoint: String) -> String? {
        guard keyFile != nil || Endpoint.isLocal(endpoint) else {
            return
                "\(endpoint): a coordinator on another machine is spoken to with keys only; give the worker its --key"
        }
        do { try requireGuardedSocket(endpoint) } catch { return error.description }
        return nil
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
    /// Throws `KeyError`, `ZeroMQError`, and ``NoCoordinator`` while it is not known where the coordinator is.
    func connect(_ socketOptions: SocketOptions, in context: Context) throws -> Socket {
        guard let endpoint = address.endpoint else { throw NoCoordinator(at: address) }
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
