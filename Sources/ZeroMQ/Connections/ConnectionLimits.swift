/// What peers may make a listening socket hold, and who is told when one goes beyond it.
///
/// libzmq bounds frames (``SocketOptions/maximumFrameBytes``) and whole messages
/// (``SocketOptions/receiveHighWaterMark``), but gathers the frames of an unfinished message without end.
public struct ConnectionLimits: Sendable {
    /// Bytes received over one connection that have not been taken off the socket as whole messages.
    public var pendingBytes: Int
    /// The same over all connections; beyond it the connections with most are cut.
    public var pendingBytesInAll: Int
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
    /// A handshake failed; ``ConnectionEvent/refused(status:)`` when the authenticator said no.
    case handshakeFailed(ConnectionEvent)
}
