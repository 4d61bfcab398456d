/// What peers may make a socket hold, and who is told when one goes beyond it.
///
/// libzmq bounds frames (``SocketOptions/maximumFrameBytes``) and whole messages
/// (``SocketOptions/receiveHighWaterMark``), but gathers the frames of an unfinished message without end. What it holds of a
/// frame may be many times what the frame takes on the wire, so memory is bounded in addition to bytes.
public struct ConnectionLimits: Sendable {
    /// Bytes received over one connection that have not been taken off the socket as whole messages, in addition to what was
    /// expected of the peer (``Socket/expect(_:from:)``).
    public var pendingBytes: Int
    /// The same over all connections; beyond it the connections with most are cut.
    public var pendingBytesInAll: Int
    /// The same over one connection before its handshake is over, where keys are used.
    public var handshakeBytes = 8 << 10
    /// The same over one connection before its first whole message was taken.
    public var firstBytes = 64 << 10
    /// Memory that may be held for what is pending, in addition to what was expected of peers; beyond it the connections
    /// with most are cut.
    public var heldBytes = 128 << 20
    /// Connections over which no whole message has come; beyond it the oldest of the address that has most of them are cut.
    public var silentConnections = 1024
    /// Connections from one address of which nothing comes, neither a message nor a handshake that is over, at once, where keys are
    /// used, and how many more each second; beyond it, connections from there are cut before they are listened to.
    ///
    /// An address may stand for many machines (NAT), and many workers may share one: those that are let in say Hello at once.
    public var brokenHandshakes = (atOnce: 1024, perSecond: 64)
    /// Connections from one address over which messages came from no key; beyond it the newest of them are cut.
    public var openConnectionsPerAddress = 8192
    /// Connections of one key; beyond it the oldest of them are cut.
    ///
    /// More than one: a peer that connects again may not have noticed yet that an older connection has broken.
    public var connectionsPerKey = 8
    /// Called on a thread of the socket's own, with each event too.
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
    /// A connection was cut: it had this many bytes pending. The key is that of the peer, empty where none is known.
    case cut(pendingBytes: Int, userID: [UInt8])
    /// So many connections were cut over which no message had come: there were too many.
    case cutSilent(count: Int)
    /// So many connections of the peer with this key were cut: it had too many.
    case cutExcess(userID: [UInt8], count: Int)
    /// So many connections from this address were cut: too many handshakes from there came to nothing.
    case cutBroken(address: PeerAddress, count: Int)
    /// So many connections without keys from this address were cut: there were too many.
    case cutOpen(address: PeerAddress, count: Int)
    /// What libzmq told of a connection.
    case event(ConnectionEvent)
}
