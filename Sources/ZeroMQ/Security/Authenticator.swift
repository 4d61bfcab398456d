/// Decides which keys may connect to the server sockets of a context: the ZAP handler (ZeroMQ RFC 27), on a thread of its own.
///
/// libzmq lets **every** client in while nobody is bound to `inproc://zeromq.zap.01`. So ``SocketOptions/Security`` takes
/// a running authenticator, a socket keeps it alive, and its domain, which is never empty, is enforced: with the handler
/// gone, or with another domain, libzmq then refuses.
public final class Authenticator: Sendable {
    /// Who wants to connect.
    public struct Applicant: Sendable {
        /// The key whose secret half it has proved to have.
        public let key: CurvePublicKey
        /// Its network address, as libzmq names it; empty for socket files.
        public let address: String
    }

    static let endpoint = "inproc://zeromq.zap.01"

    /// The name that socket and handler must agree on.
    let domain: [UInt8]
    let context: Context
    private let attendant: Attendant

    /// Starts answering; `authorize` is called on the authenticator's thread, for each handshake.
    ///
    /// Throws ``ZeroMQError``: ``ZeroMQError/Code/badDomain`` for an empty domain, which libzmq would never ask about;
    /// ``ZeroMQError/Code/addressInUse`` when the context has an authenticator already.
    public init(
        in context: Context, domain: String, authorize: @escaping @Sendable (Applicant) -> Bool
    ) throws(ZeroMQError) {
        let domain = Array(domain.utf8)
        guard !domain.isEmpty, domain.count <= 255 else {
            throw ZeroMQError(.badDomain, operation: .setOption, "a ZAP domain has 1 to 255 bytes")
        }
        self.domain = domain
        self.context = context
        attendant = try Attendant("mae-zap") { stop, ready throws(ZeroMQError) in
            var options = SocketOptions()
            options.maximumFrames = ZAPRequest.mostFrames
            options.linger = .zero
            let socket = try Socket(.router, in: context, options: options)
            _ = try socket.bind(Self.endpoint)
            // Before the socket is closed, so that no handshake begins to wait for an answer that will not come.
            defer { try? socket.unbind(Self.endpoint) }
            let poller = Poller(sockets: [socket], descriptors: [stop.descriptor], in: context)
            ready()
            while !stop.isSignalled {
                try poller.wait(atMost: nil)
                try Self.answerAll(socket, domain, authorize)
            }
        }
    }

    /// Whether handshakes are answered.
    public var isRunning: Bool { attendant.isRunning }

    /// Stops answering: from then on nobody gets in any more.
    package func stop() { attendant.stop() }

    private static func answerAll(
        _ socket: Socket, _ domain: [UInt8], _ authorize: (Applicant) -> Bool
    ) throws(ZeroMQError) {
        while true {
            do {
                guard let message = try socket.receive() else { return }
                guard let request = ZAPRequest(message) else { continue }
                let key = request.curveKey(domain: domain)
                let isAllowed = key.map { authorize(Applicant(key: $0, address: request.address)) } ?? false
                // A handshake that was given up meanwhile wants no answer.
                _ = try socket.send(request.reply(isAllowed ? key : nil))
            } catch  where error.code == .messageTooLarge {
                continue
            }
        }
    }
}
