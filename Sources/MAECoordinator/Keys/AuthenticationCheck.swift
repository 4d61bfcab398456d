import ZeroMQ

/// Tries whether an unknown key is refused, before any worker is served.
enum AuthenticationCheck {
    private static let timeout = Duration.seconds(60)

    /// Connects to the coordinator's own endpoint with a key drawn for this purpose, and expects to be refused.
    ///
    /// Throws ``CoordinatorError``: ``CoordinatorError/Code/unknownKeyAccepted`` when the key gets in, or when no
    /// answer comes, so that this is not known.
    static func requireRefusal(_ endpoint: String, serverKey: CurvePublicKey, in context: Context) throws {
        var options = SocketOptions()
        options.security = .client(try CurveKeyPair(), serverKey: serverKey)
        options.linger = .zero
        let socket = try Socket(.dealer, in: context, options: options)
        let monitor = try SocketMonitor(of: socket)
        try socket.connect(Endpoint.reachable(endpoint))
        let poller = Poller(sockets: [monitor.socket], in: context)
        let deadline = ContinuousClock.now + timeout
        while ContinuousClock.now < deadline {
            try poller.wait(atMost: deadline - ContinuousClock.now)
            while let event = try monitor.next() {
                if case .refused = event { return }
                if event.isHandshakeSucceeded {
                    throw CoordinatorError(
                        .unknownKeyAccepted,
                        "\(endpoint): a key drawn at random was let in, so anybody could take part: refusing to serve; "
                            + "please report this with the version of libzmq")
                }
            }
        }
        throw CoordinatorError(
            .unknownKeyAccepted,
            "\(endpoint): it could not be shown that strangers are refused, since a connection from this machine was not "
                + "answered: refusing to serve; see whether a firewall keeps the machine from its own address")
    }
}
