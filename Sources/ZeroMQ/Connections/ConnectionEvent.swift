import CZeroMQ

/// What happened to a connection of a socket.
public enum ConnectionEvent: Sendable, Hashable {
    /// We reached the peer; the handshake begins. The number is the connection's descriptor.
    case connected(CInt)
    /// A peer reached us; the number is the connection's descriptor.
    case accepted(CInt)
    /// The handshake is over: messages can pass. libzmq does not tell of which connection.
    case handshakeSucceeded
    /// The peer's authenticator said no, with this ZAP status; libzmq does not try again.
    case refused(status: Int)
    /// One side wants keys and the other has none.
    case mechanismMismatch
    /// The handshake failed otherwise: the peer speaks another protocol, has another key than was expected, or breaks the
    /// protocol.
    case handshakeFailed
    /// The peer closed the connection, or fell silent, before the handshake was over.
    case abandoned
    /// The connection is gone; the number was its descriptor.
    case disconnected(CInt)

    /// Whether it says that messages can pass.
    public var isHandshakeSucceeded: Bool { if case .handshakeSucceeded = self { true } else { false } }

    /// The events that a monitor is asked for.
    static let mask =
        ZMQ_EVENT_CONNECTED | ZMQ_EVENT_ACCEPTED | ZMQ_EVENT_DISCONNECTED | ZMQ_EVENT_HANDSHAKE_SUCCEEDED
        | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH | ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL
        | ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL

    /// Reads the first frame of a monitor's message (zmq_socket_monitor(3)): a 16-bit number and a 32-bit value, in the
    /// machine's own byte order; nil for events that were not asked for.
    init?(frame: [UInt8]) {
        guard frame.count == 6 else { return nil }
        let (number, value) = frame.withUnsafeBytes {
            (CInt($0.loadUnaligned(as: UInt16.self)), $0.loadUnaligned(fromByteOffset: 2, as: Int32.self))
        }
        switch number {
        case ZMQ_EVENT_CONNECTED: self = .connected(value)
        case ZMQ_EVENT_ACCEPTED: self = .accepted(value)
        case ZMQ_EVENT_DISCONNECTED: self = .disconnected(value)
        case ZMQ_EVENT_HANDSHAKE_SUCCEEDED: self = .handshakeSucceeded
        case ZMQ_EVENT_HANDSHAKE_FAILED_AUTH: self = .refused(status: Int(value))
        case ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL where value == ZMQ_PROTOCOL_ERROR_ZMTP_MECHANISM_MISMATCH:
            self = .mechanismMismatch
        case ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL: self = .handshakeFailed
        case ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL: self = .abandoned
        default: return nil
        }
    }
}
