/// Decides which keys may connect to the server sockets of a context: the ZAP handler (ZeroMQ RFC 27), on a thread of its own.
///
/// libzmq lets **every** client in while no socket is bound to `inproc://zeromq.zap.01`. So ``SocketOptions/Security`` takes
/// a running authenticator, a socket keeps it alive, and its domain, which is never empty, is enforced: with the handler
/// gone, or with another domain, libzmq then refuses.
public final class Authenticator: Sendable {
    /// A client that wants to connect.
    public struct Client: Sendable {
        /// Its public key; libzmq has checked that it has the secret one.
        public let key: CurvePublicKey
        /// Its network address, as libzmq names it; empty for socket files.
        public let address: String
    }

    static let endpoint = "inproc://zeromq.zap.01"

    /// The name that socket and handler must agree on.
    let domain: [UInt8]
    let context: Context
    private let thread: SocketThread

    /// Starts answering; `authorize` is called on the authenticator's thread, for each handshake.
    ///
    /// A client that is refused is told so after `delay` of it, which is asked after `authorize`: one that only tries again at
    /// once does less harm while it waits.
    ///
    /// Throws ``ZeroMQError``: ``ZeroMQError/Code/badDomain`` for an empty domain, which libzmq would never ask about;
    /// ``ZeroMQError/Code/addressInUse`` when the context has an authenticator already.
    public init(
        in context: Context, domain: String, delay: @escaping @Sendable (Client) -> Duration = { _ in .zero },
        authorize: @escaping @Sendable (Client) -> Bool
    ) throws(ZeroMQError) {
        let domain = Array(domain.utf8)
        guard !domain.isEmpty, domain.count <= 255 else {
            throw ZeroMQError(.badDomain, operation: .setOption, "a ZAP domain has 1 to 255 bytes")
        }
        self.domain = domain
        self.context = context
        thread = try SocketThread("mae-zap") { stop, ready throws(ZeroMQError) in
            var options = SocketOptions()
            options.maximumFrames = ZAPRequest.maximumFrames
            options.linger = .zero
            let socket = try Socket(.router, in: context, options: options)
            _ = try socket.bind(Self.endpoint)
            // Before the socket is closed, so that no handshake begins to wait for an answer that will not come.
            defer { try? socket.unbind(Self.endpoint) }
            let poller = Poller(sockets: [socket], descriptors: [stop.descriptor], in: context)
            ready()
            var refusals = DelayedReplies()
            while !stop.isSignalled {
                try poller.wait(atMost: refusals.wait)
                try refusals.sendDue(through: socket)
                try Self.answerRequests(socket, domain, authorize, delay, &refusals)
            }
        }
    }

    /// Whether handshakes are answered.
    public var isRunning: Bool { thread.isRunning }

    /// Stops answering: from then on every client is refused.
    package func stop() { thread.stop() }

    private static func answerRequests(
        _ socket: Socket, _ domain: [UInt8], _ authorize: (Client) -> Bool, _ delay: (Client) -> Duration,
        _ refusals: inout DelayedReplies
    ) throws(ZeroMQError) {
        while true {
            do {
                guard let message = try socket.receive() else { return }
                guard let request = ZAPRequest(message) else { continue }
                let key = request.curveKey(domain: domain)
                let client = key.map { Client(key: $0, address: request.address) }
                if let client, authorize(client) {
                    // A handshake that the client gave up meanwhile needs no answer.
                    _ = try socket.send(request.reply(key))
                } else {
                    try refusals.send(request.reply(nil), after: client.map(delay) ?? .zero, through: socket)
                }
            } catch  where error.code == .messageTooLarge {
                continue
            }
        }
    }
}
