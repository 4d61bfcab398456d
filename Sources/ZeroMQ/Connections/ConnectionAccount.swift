import Synchronization

/// What came over each connection and what was taken of it, shared by the socket's thread and the one that watches.
final class ConnectionAccount: Sendable {
    struct Connection {
        let socket: KernelSocket
        /// Grows from connection to connection.
        let number: Int
        var isHandshakeOver = false
        /// Bytes that whole messages took on the wire; 0 until the first has come.
        var taken = 0
        /// Bytes that the peer was asked for.
        var expected = 0
        /// Who sent the last whole message, by the authenticator and by a ROUTER.
        var userID: [UInt8] = []
        var route: [UInt8] = []
    }

    /// What is pending on one connection.
    private struct Pending {
        let socket: KernelSocket
        let userID: [UInt8]
        let bytes: Int
        let expected: Int
        let allowed: Int
    }

    fileprivate struct State {
        var connections: [CInt: Connection] = [:]
        var made = 0
        /// The memory in use when the peers could not have had much of it last.
        var heapBefore = HeapUse.bytes
    }

    private let state = Mutex(State())
    private let limits: ConnectionLimits
    private let heldPerWireByte: Int
    private let hasKeys: Bool

    init(_ limits: ConnectionLimits, _ security: SocketOptions.Security) {
        self.limits = limits
        heldPerWireByte = security.heldPerWireByte
        if case .server = security { hasKeys = true } else { hasKeys = false }
    }

    var isEmpty: Bool { state.withLock { $0.connections.isEmpty } }

    /// Takes in what happened to a connection.
    func note(_ event: ConnectionEvent) {
        switch event {
        case .accepted(let descriptor), .connected(let descriptor):
            // Its first message may have been taken before its event was.
            state.withLock { state in
                if let socket = KernelSocket(descriptor), state.connections[descriptor]?.socket != socket {
                    state.open(socket)
                }
            }
        case .handshakeSucceeded(let descriptor):
            state.withLock { $0.connections[descriptor]?.isHandshakeOver = true }
        case .disconnected(let descriptor):
            state.withLock { state in
                // The number may have been given to a new connection meanwhile.
                if let connection = state.connections[descriptor], !connection.socket.isOpen {
                    state.connections[descriptor] = nil
                }
            }
        case .refused, .mechanismMismatch, .handshakeFailed, .abandoned: break
        }
    }

    func take(_ wireBytes: Int, from descriptor: CInt, _ route: [UInt8], _ userID: [UInt8]) {
        state.withLock { state in
            if state.connections[descriptor] == nil, let socket = KernelSocket(descriptor) { state.open(socket) }
            state.connections[descriptor]?.taken += wireBytes
            if state.connections[descriptor]?.userID != userID { state.connections[descriptor]?.userID = userID }
            if state.connections[descriptor]?.route != route { state.connections[descriptor]?.route = route }
        }
    }

    func expect(_ bytes: Int, from route: [UInt8]) {
        state.withLock { state in
            for (descriptor, connection) in state.connections where connection.route == route {
                state.connections[descriptor]?.expected = bytes
            }
        }
    }

    /// Cuts the connections for which `isMeant` holds.
    func cut(_ isMeant: (Connection) -> Bool) {
        state.withLock { state in
            for connection in state.connections.values where isMeant(connection) { connection.socket.cut() }
        }
    }

    /// What the system has received over each connection, handshakes included; sockets that are not TCP are left out.
    ///
    /// Asked without the lock, which the socket's thread needs for each message.
    func receivedBytes() -> [KernelSocket: Int] {
        let sockets = state.withLock { $0.connections.values.map(\.socket) }
        return Dictionary(sockets.compactMap { socket in socket.receivedBytes.map { (socket, $0) } }) { first, _ in
            first
        }
    }

    /// Cuts what is beyond the limits, and says what; `heap` is the memory in use.
    func enforce(_ received: [KernelSocket: Int], heap: Int) -> [ConnectionNotice] {
        state.withLock { state in
            var pending = received.compactMap { socket, bytes in
                state.connections[socket.descriptor].flatMap { $0.socket == socket ? self.pending($0, bytes) : nil }
            }
            var notices: [ConnectionNotice] = []
            func cut(_ connection: Pending) {
                connection.socket.cut()
                state.connections[connection.socket.descriptor] = nil
                notices.append(.cut(pendingBytes: connection.bytes, userID: connection.userID))
            }
            pending.sort { $0.bytes < $1.bytes }
            for connection in pending where connection.bytes > connection.allowed { cut(connection) }
            pending.removeAll { $0.bytes > $0.allowed }
            var sum = pending.reduce(0) { $0 + $1.bytes - min($1.bytes, $1.expected) }
            while sum > limits.pendingBytesInAll, let last = pending.popLast() {
                cut(last)
                sum -= last.bytes - min(last.bytes, last.expected)
            }
            // At worst, every byte is of the kind of frame that takes most memory. Only when that would be too much is it
            // asked whether memory has grown, which other things may do too.
            var mostHeld = pending.reduce(0) { $0 + $1.bytes } * heldPerWireByte
            let expected = pending.reduce(0) { $0 + min($1.bytes, $1.expected) }
            guard mostHeld > limits.heldBytes / 2 else {
                state.heapBefore = heap
                return notices
            }
            guard heap - state.heapBefore > limits.heldBytes / 2 + expected else { return notices }
            while mostHeld > limits.heldBytes / 2, let last = pending.popLast() {
                cut(last)
                mostHeld -= last.bytes * heldPerWireByte
            }
            return notices
        }
    }

    private func pending(_ connection: Connection, _ received: Int) -> Pending {
        var allowed = limits.pendingBytes
        if connection.taken == 0 { allowed = min(allowed, limits.firstBytes) }
        if hasKeys, !connection.isHandshakeOver, connection.taken == 0 { allowed = min(allowed, limits.handshakeBytes) }
        let (sum, isTooMuch) = allowed.addingReportingOverflow(connection.expected)
        return Pending(
            socket: connection.socket, userID: connection.userID, bytes: max(received - connection.taken, 0),
            expected: connection.expected, allowed: isTooMuch ? .max : sum)
    }

    /// Cuts the oldest of those that are too many, and says how many.
    func thin() -> [ConnectionNotice] {
        state.withLock { state in
            var notices: [ConnectionNotice] = []
            let silent = state.cut(
                state.connections.values.filter { $0.taken == 0 }, butNewest: limits.silentConnections)
            if silent > 0 { notices.append(.cutSilent(count: silent)) }
            let known = state.connections.values.filter { !$0.userID.isEmpty }
            guard known.count > limits.connectionsPerKey else { return notices }
            for (userID, connections) in Dictionary(grouping: known, by: \.userID) {
                let excess = state.cut(connections, butNewest: limits.connectionsPerKey)
                if excess > 0 { notices.append(.cutExcess(userID: userID, count: excess)) }
            }
            return notices
        }
    }
}

extension ConnectionAccount.State {
    fileprivate mutating func open(_ socket: KernelSocket) {
        made += 1
        connections[socket.descriptor] = ConnectionAccount.Connection(socket: socket, number: made)
    }

    fileprivate mutating func cut(_ all: [ConnectionAccount.Connection], butNewest count: Int) -> Int {
        guard all.count > count else { return 0 }
        let oldest = all.sorted { $0.number < $1.number }.prefix(all.count - count)
        for connection in oldest {
            connection.socket.cut()
            connections[connection.socket.descriptor] = nil
        }
        return oldest.count
    }
}
