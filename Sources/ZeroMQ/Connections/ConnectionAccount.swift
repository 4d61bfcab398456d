import Synchronization

/// What came over each connection and what was taken of it, shared by the socket's thread and the one that watches.
final class ConnectionAccount: Sendable {
    struct Connection {
        let socket: KernelSocket
        /// Grows from connection to connection.
        let number: Int
        /// Whether the peer has our last word of the handshake.
        var isHandshakeOver = false
        /// Bytes that whole messages took on the wire; 0 until the first has come.
        var taken = 0
        /// Bytes that the peer was asked for.
        var expected = 0
        /// Who sent the last whole message, by the authenticator and by a ROUTER.
        var userID: [UInt8] = []
        var route: [UInt8] = []

        /// Whether nothing has come of it: neither a handshake nor a message.
        var isBroken: Bool { !isHandshakeOver && taken == 0 }
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
        var broken: BrokenHandshakes
        /// Connections that were cut because too many from their address had come to nothing, since that was told last.
        var cutBroken: [PeerAddress: Int] = [:]
    }

    private let state: Mutex<State>
    private let limits: ConnectionLimits
    private let heldPerWireByte: Int
    private let hasKeys: Bool

    init(_ limits: ConnectionLimits, _ security: SocketOptions.Security) {
        self.limits = limits
        state = Mutex(State(broken: BrokenHandshakes(limits)))
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
                guard let socket = KernelSocket(descriptor), state.connections[descriptor]?.socket != socket else {
                    return
                }
                if hasKeys, state.broken.isOver(socket.peer, now: .now) {
                    socket.cut()
                    state.cutBroken[socket.peer, default: 0] += 1
                } else {
                    state.open(socket)
                }
            }
        case .disconnected(let descriptor):
            state.withLock { state in
                // The number may have been given to a new connection meanwhile.
                if let connection = state.connections[descriptor], !connection.socket.isOpen {
                    if hasKeys, connection.isBroken { state.broken.note(connection.socket.peer, now: .now) }
                    state.connections[descriptor] = nil
                }
            }
        // It does not say of which connection; ``KernelSocket/traffic`` does.
        case .handshakeSucceeded: break
        case .refused, .mechanismMismatch, .handshakeFailed, .abandoned: break
        }
    }

    func take(_ wireBytes: Int, from descriptor: CInt, _ route: [UInt8], _ userID: [UInt8]) {
        state.withLock { state in
            let known = state.connections[descriptor]
            // Another route may be a new connection, of which neither the event was taken in nor the end of the one before it.
            let isCertain = known.map { $0.route.isEmpty || $0.route == route } ?? false
            if !isCertain, let socket = KernelSocket(descriptor), known?.socket != socket { state.open(socket) }
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

    /// More than a server of CURVE sends to a client before READY, with which a handshake ends.
    ///
    /// Its greeting, WELCOME, and to one that is refused ERROR, of 12 bytes; READY has 67 (ZeroMQ RFC 26).
    private static let bytesBeforeReady = 64 + 170 + 40

    /// What has passed over each connection, handshakes included; sockets that are not TCP are left out.
    ///
    /// Asked without the lock, which the socket's thread needs for each message.
    func traffic() -> [KernelSocket: KernelSocket.Traffic] {
        let sockets = state.withLock { $0.connections.values.map(\.socket) }
        return Dictionary(sockets.compactMap { socket in socket.traffic.map { (socket, $0) } }) { first, _ in first }
    }

    /// Cuts what is beyond the limits, and says what; `heap` is the memory in use.
    func enforce(_ traffic: [KernelSocket: KernelSocket.Traffic], heap: Int) -> [ConnectionNotice] {
        state.withLock { state in
            var pending: [Pending] = []
            for (socket, traffic) in traffic where state.connections[socket.descriptor]?.socket == socket {
                if traffic.acknowledged > Self.bytesBeforeReady {
                    state.connections[socket.descriptor]?.isHandshakeOver = true
                }
                if let connection = state.connections[socket.descriptor] {
                    pending.append(self.pending(connection, traffic.received))
                }
            }
            var notices: [ConnectionNotice] = []
            func cut(_ connection: Pending) {
                state.cut(connection.socket.descriptor, hasKeys: hasKeys)
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

    /// Cuts those that are too many, and says how many.
    func thin() -> [ConnectionNotice] {
        state.withLock { state in
            var notices = state.cutBroken.map { ConnectionNotice.cutBroken(address: $0.key, count: $0.value) }
            state.cutBroken = [:]
            let silent = Self.excess(
                of: state.connections.values.filter { $0.taken == 0 }, over: limits.silentConnections)
            for connection in silent { state.cut(connection.socket.descriptor, hasKeys: hasKeys) }
            if !silent.isEmpty { notices.append(.cutSilent(count: silent.count)) }
            return notices + (hasKeys ? thinKeys(&state) : thinOpen(&state))
        }
    }

    /// The oldest of connections that are more than `most`, from the address that has most of them at each time: strangers from one
    /// address take no place from those of another that has fewer.
    private static func excess(of connections: [Connection], over most: Int) -> [Connection] {
        guard connections.count > most else { return [] }
        var groups = Dictionary(grouping: connections, by: \.socket.peer).values.map { group in
            group.sorted { $0.number > $1.number }
        }
        return (most..<connections.count).compactMap { _ in
            let largest = groups.indices.max { left, right in
                (groups[left].count, groups[right].last?.number ?? 0) < (
                    groups[right].count, groups[left].last?.number ?? 0
                )
            }
            return largest.flatMap { groups[$0].popLast() }
        }
    }

    private func thinKeys(_ state: inout State) -> [ConnectionNotice] {
        let known = state.connections.values.filter { !$0.userID.isEmpty }
        guard known.count > limits.connectionsPerKey else { return [] }
        return Dictionary(grouping: known, by: \.userID).compactMap { userID, connections in
            let excess = connections.sorted { $0.number < $1.number }.dropLast(limits.connectionsPerKey)
            for connection in excess { state.cut(connection.socket.descriptor, hasKeys: hasKeys) }
            return excess.isEmpty ? nil : .cutExcess(userID: userID, count: excess.count)
        }
    }

    private func thinOpen(_ state: inout State) -> [ConnectionNotice] {
        let speaking = state.connections.values.filter { $0.taken > 0 }
        guard speaking.count > limits.openConnectionsPerAddress else { return [] }
        return Dictionary(grouping: speaking, by: \.socket.peer).compactMap { address, connections in
            // Those that were there before go on.
            let excess = connections.sorted { $0.number < $1.number }.dropFirst(limits.openConnectionsPerAddress)
            for connection in excess { state.cut(connection.socket.descriptor, hasKeys: hasKeys) }
            return excess.isEmpty ? nil : .cutOpen(address: address, count: excess.count)
        }
    }
}

extension ConnectionAccount.State {
    fileprivate mutating func open(_ socket: KernelSocket) {
        made += 1
        connections[socket.descriptor] = ConnectionAccount.Connection(socket: socket, number: made)
    }

    /// Cuts a connection, and forgets it.
    fileprivate mutating func cut(_ descriptor: CInt, hasKeys: Bool) {
        guard let connection = connections.removeValue(forKey: descriptor) else { return }
        connection.socket.cut()
        if hasKeys, connection.isBroken { broken.note(connection.socket.peer, now: .now) }
    }
}
