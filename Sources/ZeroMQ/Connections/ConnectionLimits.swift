/// What peers may make a listening socket hold, and who is told when one goes beyond it.
///
/// libzmq bounds frames (``SocketOptions/maximumFrameBytes``) and whole messages
/// (``SocketOptions/receiveHighWaterMark``), but gathers the frames of an unfinished message without end.
public struct ConnectionLimits: Sendable {
    /// Bytes received over one connection that have not been taken off the socket as whole messages.
    public var pendingBytes: Int
    /// The same over all connections; beyond it the connections with most are cut.
    public var pendingBytesInAll: Int
    /// Connections over which no whole message has come; beyond it the oldest of them are cut.
    public var silentConnections = 1024
    /// Connections of one key; beyond it the oldest of them are cut.
    ///
    /// More than one: a peer that connects again may not have noticed yet that an older connection has broken.
    public var connectionsPerKey = 8
    /// Called on a thread of the socket's own.
    public var observer: @Sendable (ConnectionNotice) -> Void

    /// Limits for each connection and for all.
    public init(
        pendingBytes: Int, pendingBytesInAll: Int, observer: @escaping @Sendable (ConnectionNotice) -> Void = { _ in }
    ) {
        self.pendingBytes = pendingBytes
        self.pendingBytesInAll = pendingBytesInAll
        self.observer = observer
    }
}

/// Something about a connection that is worth a line in a log.
public enum ConnectionNotice: Sendable, Hashable {
    /// A connection was cut: it had this many bytes pending.
    case cut(pendingBytes: Int)
    /// So many connections were cut over which no message had come: there were too many.
    case cutSilent(count: Int)
    /// So many connections of the peer with this key were cut: it had too many.
    case cutExcess(userID: [UInt8], count: Int)
    /// A handshake failed; ``ConnectionEvent/refused(status:)`` when the authenticator said no.
    case handshakeFailed(ConnectionEvent)
}
