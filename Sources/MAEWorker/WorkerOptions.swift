import MAECluster
import ZeroMQ

/// How a worker takes part in a cluster.
public struct WorkerOptions: Sendable {
    /// The coordinator's endpoint, such as `tcp://host:5599`.
    public var endpoint: String
    /// The name that the node is known by.
    public var node: NodeID
    /// The machine's name.
    public var host: String
    /// The times to work by.
    public var policy = WorkerPolicy()
    /// How long to wait for a coordinator, before the log says again that there is none.
    public var reminderInterval: Duration = .seconds(60)

    /// A worker named `node` for the coordinator at `endpoint`.
    public init(endpoint: String, node: NodeID, host: String) {
        self.endpoint = endpoint
        self.node = node
        self.host = host
    }
    /// A socket for the calling thread that is connected to the coordinator.
    func connect(_ socketOptions: SocketOptions, in context: Context) throws(ZeroMQError) -> Socket {
        let socket = try Socket(.dealer, in: context, options: socketOptions)
        try socket.connect(endpoint)
        return socket
    }
}
