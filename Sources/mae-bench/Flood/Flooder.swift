import Glibc
import MAEKeys
import MAEThreads
import MAEWire
import Synchronization
import ZeroMQ

/// A node that sends one message over and over, on a thread of its own, until it is stopped.
///
/// It connects again as soon as it is cut off or refused, as no honest worker does.
final class Flooder: Sendable {
    /// As many connections as one key may have.
    private static let connections = 8
    /// Messages sent over one connection before the others have their turn.
    private static let burst = 64

    private final class Stop: Sendable { let isSet = Atomic(false) }

    private let stopSign = Stop()
    private let thread: NamedThread

    /// Begins to flood the coordinator at `endpoint`, as the node that `keys` belong to.
    init(_ kind: FloodKind, _ keys: NodeKeys, connectingTo endpoint: String) throws {
        let message = Message(try kind.frames(of: keys.node.name))
        thread = try NamedThread("bench-flood") { [stopSign] in
            // The flood stands for another machine: what it computes must not take from the honest workers. Threads that this
            // one starts are as patient.
            setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, 19)
            guard !message.frames.isEmpty else {
                while !stopSign.isSet.load(ordering: .relaxed) {}
                return
            }
            let context = try Context()
            var connections = try (0..<Self.connections).map { _ in try Connection(keys, endpoint, context) }
            while !stopSign.isSet.load(ordering: .relaxed) {
                var isAnySent = false
                for index in connections.indices {
                    if try connections[index].isRefused() {
                        connections[index] = try Connection(keys, endpoint, context)
                    }
                    for _ in 0..<Self.burst {
                        guard try connections[index].socket.send(message) == .sent else { break }
                        isAnySent = true
                    }
                    while try connections[index].socket.receive() != nil {}
                }
                if !isAnySent { usleep(1000) }
            }
            // Closed in the middle of a message while the connection breaks, a socket of libzmq 4.3.4 aborts the process (its issue
            // 3442). The coordinator ends just now, so these are left to the end of the process.
            for connection in connections { _ = Unmanaged.passRetained(connection) }
        }
    }

    /// Ends the flood; its connections stay until the process ends.
    func stop() throws {
        stopSign.isSet.store(true, ordering: .relaxed)
        try thread.join()
    }

    private final class Connection {
        let socket: Socket
        private let monitor: SocketMonitor

        init(_ keys: NodeKeys, _ endpoint: String, _ context: Context) throws {
            var options = SocketOptions()
            options.immediate = true
            options.linger = .zero
            options.reconnect = .milliseconds(1) ... .milliseconds(1)
            options.maximumFrames = WireLimits.frames
            options.security = .client(keys.pair, serverKey: keys.coordinatorKey)
            socket = try Socket(.dealer, in: context, options: options)
            monitor = try SocketMonitor(of: socket)
            try socket.connect(endpoint)
        }

        /// Whether libzmq has given the connection up.
        func isRefused() throws -> Bool {
            while let event = try monitor.next() { if case .refused = event { return true } }
            return false
        }
    }
}
