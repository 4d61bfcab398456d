/// How a socket behaves, set before it is bound or connected.
///
/// The defaults suit a cluster on a network that fails now and then: every buffer is bounded, nothing waits for ever.
public struct SocketOptions: Sendable {
    /// How long closing waits for messages that are still queued.
    ///
    /// libzmq's own default is for ever.
    public var linger: Duration = .seconds(1)
    /// Whole messages queued for one peer before sending says ``SendOutcome/wouldBlock``.
    public var sendHighWaterMark = 64
    /// Whole messages from one peer that wait to be received.
    public var receiveHighWaterMark = 64
    /// Bytes that one frame from a peer may have; libzmq drops the connection of a peer that exceeds it.
    public var maximumFrameBytes = 1 << 20
    /// Frames that one message from a peer may have, a ROUTER's peer name included; longer messages are refused whole.
    public var maximumFrames = 8
    /// First and longest pause between two attempts to reach a peer; the pause doubles in between.
    public var reconnect: ClosedRange<Duration> = .milliseconds(100) ... .seconds(10)
    /// Time a peer has to finish the protocol handshake.
    public var handshake: Duration = .seconds(10)
    /// For a socket that listens: connections that may wait to be accepted; Linux takes no more than `net.core.somaxconn`.
    ///
    /// Those beyond it try again after a second or more, which a site that greets its coordinator all at once would notice:
    /// libzmq's own default is 100.
    public var backlog = 4096
    /// Whether the system probes idle TCP connections, so that a vanished peer is noticed.
    public var tcpKeepAlive = true
    /// Queue messages only for peers that are connected: what has no peer to go to is then not held back until it is stale.
    public var immediate = false
    /// ROUTER only: sending to an unknown peer says ``SendOutcome/unreachable`` instead of dropping the message.
    public var routerMandatory = true
    /// Which of the context's threads for network traffic carries the socket, from 0 on and round again; any of them when nil.
    ///
    /// Such a thread also asks for the address of a host, for as long as a name server takes, and moves no message of any socket
    /// meanwhile.
    public var ioThread: Int?
    /// Who may connect, and how a peer proves it.
    public var security = Security.open
    /// For a socket that listens: what peers may make it hold; unbounded when nil.
    public var connectionLimits: ConnectionLimits?

    /// The security layer of a socket.
    public enum Security: Sendable {
        /// No keys, no encryption: for loopback and for endpoints inside the machine.
        case open
        /// CURVE, for those who listen: the authenticator decides which keys may connect.
        case server(CurveKeyPair, Authenticator)
        /// CURVE, for clients: they connect to the server that has the secret half of `serverKey`, and to no other.
        case client(CurveKeyPair, serverKey: CurvePublicKey)
    }

    /// The defaults.
    public init() {}
}
