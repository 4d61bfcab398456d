import CZeroMQ
import Synchronization

/// Tells what happens to the connections of a socket; for the thread that made the monitor.
public final class SocketMonitor {
    private static let made = Atomic<Int>(0)

    /// Readable when there are events: give it to a ``Poller``.
    public let socket: Socket
    /// Kept, so that it is not closed before it has stopped telling.
    private var watched: Socket?

    /// A name that no other monitor has.
    static func newEndpoint() -> String {
        "inproc://monitor-\(made.add(1, ordering: .relaxed).newValue)"
    }

    /// Watches `socket` from now on; a socket has one monitor in its life, made before it is bound or connected.
    public convenience init(of socket: Socket) throws(ZeroMQError) {
        let endpoint = Self.newEndpoint()
        try socket.emitEvents(at: endpoint)
        try self.init(connectingTo: endpoint, in: socket.context)
        watched = socket
    }

    /// The reading end of a monitor whose socket may belong to another thread.
    ///
    /// It must be made before the socket is bound or connected: libzmq's I/O thread waits, with all its traffic, while
    /// there is an event that is not taken. For the same reason no number of events is too high for it to queue.
    init(connectingTo endpoint: String, in context: Context) throws(ZeroMQError) {
        var options = SocketOptions()
        options.receiveHighWaterMark = 0
        options.linger = .zero
        socket = try Socket(.pair, in: context, options: options)
        try socket.connect(endpoint)
    }

    deinit { watched?.stopEvents() }

    /// The next event; nil when there is none.
    public func next() throws(ZeroMQError) -> ConnectionEvent? {
        while let message = try socket.receive() {
            if let event = message.frames.first.flatMap(ConnectionEvent.init(frame:)) { return event }
        }
        return nil
    }
}
