import Synchronization

/// Keeps account of what came over each connection of a listening socket, and cuts connections.
///
/// What the system has received over a connection, less what was taken off the socket as whole messages, is what libzmq
/// holds of it. A thread looks at that several times a second, so it is bounded even while the socket's own thread is busy.
final class ConnectionWatch: Sendable {
    private struct Connection {
        let socket: KernelSocket
        /// Grows from connection to connection.
        let number: Int
        /// Bytes that whole messages took on the wire; 0 until the first has come.
        var taken = 0
        /// Who sent the last of them.
        var userID: [UInt8] = []
    }

    private static let interval = Duration.milliseconds(100)

    private let connections: Connections
    private let thread: SocketThread

    /// Watches the socket that emits its events at `endpoint`, and that is not bound yet.
    init(of endpoint: String, in context: Context, _ limits: ConnectionLimits) throws(ZeroMQError) {
        let connections = Connections()
        self.connections = connections
        thread = try SocketThread("mae-connections") { stop, ready throws(ZeroMQError) in
            let monitor = try SocketMonitor(connectingTo: endpoint, in: context)
            let poller = Poller(sockets: [monitor.socket], descriptors: [stop.descriptor], in: context)
            ready()
            while !stop.isSignalled {
                try poller.wait(atMost: connections.isEmpty ? nil : Self.interval)
                while let event = try monitor.next() {
                    switch event {
                    case .accepted(let descriptor): connections.open(descriptor)
                    case .disconnected(let descriptor): connections.close(descriptor)
                    case .refused, .mechanismMismatch, .handshakeFailed, .abandoned:
                        limits.observer(.handshakeFailed(event))
                    case .connected, .handshakeSucceeded: break
                    }
                }
                for pending in connections.enforce(limits) { limits.observer(.cut(pendingBytes: pending)) }
                for notice in connections.thin(limits) { limits.observer(notice) }
            }
        }
    }

    /// Notes that a whole message was taken off the socket.
    func take(_ wireBytes: Int, from descriptor: CInt, userID: [UInt8]) {
        connections.take(wireBytes, from: descriptor, userID)
    }

    /// Cuts every connection whose last message came from `userID`.
    func cut(_ userID: [UInt8]) { connections.cut(userID) }

    /// The account, shared with the thread.
    private final class Connections: Sendable {
        private let open = Mutex<[CInt: Connection]>([:])
        private let count = Atomic<Int>(0)

        var isEmpty: Bool { open.withLock(\.isEmpty) }

        func open(_ descriptor: CInt) {
            guard let connection = connection(descriptor) else { return }
            open.withLock { open in
                // Its first message may have been taken before its event was.
                if open[descriptor]?.socket != connection.socket { open[descriptor] = connection }
            }
        }

        private func connection(_ descriptor: CInt) -> Connection? {
            KernelSocket(descriptor).map {
                Connection(socket: $0, number: count.add(1, ordering: .relaxed).newValue)
            }
        }

        func close(_ descriptor: CInt) {
            open.withLock { open in
                // The number may have been given to a new connection meanwhile.
                if let connection = open[descriptor], !connection.socket.isOpen { open[descriptor] = nil }
            }
        }

        func take(_ wireBytes: Int, from descriptor: CInt, _ userID: [UInt8]) {
            open.withLock { open in
                if open[descriptor] == nil { open[descriptor] = connection(descriptor) }
                open[descriptor]?.taken += wireBytes
                if open[descriptor]?.userID != userID { open[descriptor]?.userID = userID }
            }
        }

        func cut(_ userID: [UInt8]) {
            open.withLock { open in
                for connection in open.values where connection.userID == userID { connection.socket.cut() }
            }
        }

        /// Cuts the oldest of those that are too many, and says how many.
        func thin(_ limits: ConnectionLimits) -> [ConnectionNotice] {
            open.withLock { open in
                var notices: [ConnectionNotice] = []
                let silent = cut(open.values.filter { $0.taken == 0 }, butNewest: limits.silentConnections, &open)
                if silent > 0 { notices.append(.cutSilent(count: silent)) }
                let known = open.values.filter { !$0.userID.isEmpty }
                guard known.count > limits.connectionsPerKey else { return notices }
                for (userID, connections) in Dictionary(grouping: known, by: \.userID) {
                    let excess = cut(connections, butNewest: limits.connectionsPerKey, &open)
                    if excess > 0 { notices.append(.cutExcess(userID: userID, count: excess)) }
                }
                return notices
            }
        }

        private func cut(_ connections: [Connection], butNewest count: Int, _ open: inout [CInt: Connection]) -> Int {
            guard connections.count > count else { return 0 }
            let oldest = connections.sorted { $0.number < $1.number }.prefix(connections.count - count)
            for connection in oldest {
                connection.socket.cut()
                open[connection.socket.descriptor] = nil
            }
            return oldest.count
        }

        /// Cuts what is beyond the limits and returns what was pending on each connection that was cut.
        func enforce(_ limits: ConnectionLimits) -> [Int] {
            let sockets = open.withLock { $0.mapValues(\.socket) }
            // Asked without the lock, which the socket's thread needs for each message.
            let received = sockets.compactMapValues(\.receivedBytes)
            return open.withLock { open in
                var pending = received.compactMap { descriptor, bytes in
                    open[descriptor].flatMap { connection in
                        connection.socket == sockets[descriptor]
                            ? (socket: connection.socket, bytes: max(bytes - connection.taken, 0)) : nil
                    }
                }
                pending.sort { $0.bytes < $1.bytes }
                var sum = pending.reduce(0) { $0 + $1.bytes }
                var cut: [Int] = []
                while let last = pending.last,
                    last.bytes > limits.pendingBytes || sum > limits.pendingBytesInAll
                {
                    last.socket.cut()
                    cut.append(last.bytes)
                    sum -= last.bytes
                    open[last.socket.descriptor] = nil
                    pending.removeLast()
                }
                return cut
            }
        }
    }
}
