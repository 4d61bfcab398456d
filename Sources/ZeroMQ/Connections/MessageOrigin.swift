import CZeroMQ

/// What libzmq tells of the connection that a message came over.
struct MessageOrigin {
    /// Who the authenticator says the sender is; empty where no keys are used.
    var userID: [UInt8] = []
    /// The descriptor of the connection, where it is asked for.
    var descriptor: CInt?

    /// Nothing is known.
    init() {}

    /// Reads it off a frame that came from the peer.
    init(of part: inout zmq_msg_t, _ options: SocketOptions) {
        if case .server = options.security, let text = zmq_msg_gets(&part, "User-Id") {
            userID = String(cString: text).utf8.map(\.self)
        }
        guard options.connectionLimits != nil else { return }
        let number = zmq_msg_get(&part, ZMQ_SRCFD)
        if number >= 0 { descriptor = number }
    }
}

extension SocketOptions.Security {
    /// Most memory that libzmq holds for a byte on the wire, where frames are small: a frame takes 64 bytes (`zmq_msg_t`), and
    /// from 34 bytes of content on a block of its own.
    ///
    /// An empty frame has 2 bytes on the wire, and 35 where it is encrypted.
    var heldPerWireByte: Int {
        switch self {
        case .open: 32
        case .server, .client: 4
        }
    }

    /// What a frame of a message takes on the wire: ZMTP 3 puts one byte and a length of one or eight bytes before it, and
    /// CURVE makes it a box with a name, a nonce, a tag and flags.
    func wireBytes(of frameBytes: Int) -> Int {
        let body =
            switch self {
            case .open: frameBytes
            case .server, .client: frameBytes + 33
            }
        return body + (body > 255 ? 9 : 2)
    }
}
