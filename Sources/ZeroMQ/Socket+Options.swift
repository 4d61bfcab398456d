import CZeroMQ

extension Socket {
    /// Hands every option to libzmq.
    func apply(_ options: SocketOptions) throws(ZeroMQError) {
        try set(ZMQ_LINGER, milliseconds(options.linger))
        try set(ZMQ_SNDHWM, CInt(clamping: options.sendHighWaterMark))
        try set(ZMQ_RCVHWM, CInt(clamping: options.receiveHighWaterMark))
        try set(ZMQ_MAXMSGSIZE, Int64(options.maximumFrameBytes))
        try set(ZMQ_RECONNECT_IVL, milliseconds(options.reconnect.lowerBound))
        try set(ZMQ_RECONNECT_IVL_MAX, milliseconds(options.reconnect.upperBound))
        try set(ZMQ_HANDSHAKE_IVL, milliseconds(options.handshake))
        try set(ZMQ_BACKLOG, CInt(options.backlog))
        try set(ZMQ_IMMEDIATE, CInt(options.immediate ? 1 : 0))
        if let thread = options.ioThread {
            try set(ZMQ_AFFINITY, UInt64(1) << UInt64(thread % context.ioThreads))
        }
        if options.tcpKeepAlive {
            try set(ZMQ_TCP_KEEPALIVE, CInt(1))
            try set(ZMQ_TCP_KEEPALIVE_IDLE, CInt(30))
            try set(ZMQ_TCP_KEEPALIVE_INTVL, CInt(10))
            try set(ZMQ_TCP_KEEPALIVE_CNT, CInt(3))
        }
        if kind == .router {
            try set(ZMQ_ROUTER_MANDATORY, CInt(options.routerMandatory ? 1 : 0))
        }
        switch options.security {
        case .open: break
        case .server(let keys, let authenticator):
            try set(ZMQ_CURVE_SERVER, CInt(1))
            try set(ZMQ_CURVE_SECRETKEY, keys.secretKey)
            try set(ZMQ_ZAP_DOMAIN, bytes: authenticator.domain)
            try set(Self.enforceDomain, CInt(1))
        case .client(let keys, let serverKey):
            try set(ZMQ_CURVE_SERVERKEY, bytes: serverKey.bytes)
            try set(ZMQ_CURVE_PUBLICKEY, bytes: keys.publicKey.bytes)
            try set(ZMQ_CURVE_SECRETKEY, keys.secretKey)
        }
    }

    /// The option `ZMQ_ZAP_ENFORCE_DOMAIN`, which refuses when there is no handler.
    ///
    /// Debian's libzmq has it; its header shows it only with the interfaces that may still change.
    private static let enforceDomain: CInt = 93

    /// Chooses IPv6 for an endpoint whose address stands in brackets, and IPv4 for all others.
    ///
    /// With IPv6 enabled, libzmq takes `localhost` for `::1` alone, and shows `127.0.0.1` as `[::ffff:127.0.0.1]`.
    func chooseAddressFamily(for endpoint: String) throws(ZeroMQError) {
        try set(ZMQ_IPV6, CInt(endpoint.hasPrefix("tcp://[") ? 1 : 0))
    }

    private func set(_ option: CInt, _ value: some FixedWidthInteger) throws(ZeroMQError) {
        _ = try context.calls.run(.setOption) {
            withUnsafeBytes(of: value) { zmq_setsockopt(handle, option, $0.baseAddress, $0.count) }
        }
    }

    private func set(_ option: CInt, bytes: [UInt8]) throws(ZeroMQError) {
        _ = try context.calls.run(.setOption) {
            bytes.withUnsafeBytes { zmq_setsockopt(handle, option, $0.baseAddress, $0.count) }
        }
    }

    private func set(_ option: CInt, _ key: CurveSecretKey) throws(ZeroMQError) {
        _ = try context.calls.run(.setOption) {
            key.withBytes { zmq_setsockopt(handle, option, $0.baseAddress, $0.count) }
        }
    }

    private func milliseconds(_ duration: Duration) -> CInt {
        CInt(min(max((duration / .milliseconds(1)).rounded(), 0), Double(CInt.max)))
    }
}
