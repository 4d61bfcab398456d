import CZeroMQ
import Glibc

/// A ZeroMQ socket, for the thread that made it.
///
/// "ØMQ sockets are not thread safe" (zmq_socket(3)): each call checks that it comes from the thread that made the socket.
/// No call waits: ``Poller`` does the waiting. Closed when the last reference goes.
public final class Socket {
    /// The messaging patterns that this project uses.
    public enum Kind: Sendable {
        /// Talks to one peer without a fixed rhythm.
        case dealer
        /// Talks to many peers, each named by the first frame.
        case router
        /// Talks to exactly one other inside the process.
        case pair

        var number: CInt {
            switch self {
            case .dealer: ZMQ_DEALER
            case .router: ZMQ_ROUTER
            case .pair: ZMQ_PAIR
            }
        }
    }

    /// What became of a message given to ``send(_:)``.
    public enum SendOutcome: Sendable {
        /// Queued for its peer.
        case sent
        /// The peer's queue is full, or no peer is connected: keep the message and try again later.
        case wouldBlock
        /// No such peer (ROUTER with ``SocketOptions/routerMandatory``): it has gone.
        case unreachable
    }

    /// The pattern.
    public let kind: Kind
    /// The context that the socket came from.
    package let context: Context
    let handle: UnsafeMutableRawPointer
    private let options: SocketOptions
    private let owner = pthread_self()
    private var watch: ConnectionWatch?
    private var emitsEvents = false

    /// Makes a socket for the calling thread.
    public init(_ kind: Kind, in context: Context, options: SocketOptions = SocketOptions()) throws(ZeroMQError) {
        self.kind = kind
        self.context = context
        self.options = options
        handle = try context.calls.pointer(.socket) { zmq_socket(context.handle, kind.number) }
        try apply(options)
        if let limits = options.connectionLimits {
            let endpoint = SocketMonitor.newEndpoint()
            try emitEvents(at: endpoint)
            watch = try ConnectionWatch(of: endpoint, in: context, limits, options.security)
        }
    }

    deinit {
        stopEvents()
        zmq_close(handle)
    }

    /// Listens at `endpoint`; a `*` for the port lets the system choose one, an IPv6 address stands in brackets, and
    /// `localhost` is the loopback address.
    ///
    /// Returns the endpoint with the real port.
    public func bind(_ endpoint: String) throws(ZeroMQError) -> String {
        checkThread()
        let endpoint = try read(endpoint, for: .listening, .bind)
        try checkAuthenticator(endpoint)
        try chooseAddressFamily(for: endpoint)
        try requireSocketFile(endpoint)
        _ = try context.calls.run(.bind, endpoint: endpoint) { zmq_bind(handle, endpoint) }
        return try lastEndpoint()
    }

    /// Throws ``ZeroMQError/Code/addressInUse`` where the file of `endpoint` is there and no socket: libzmq removes what it finds.
    private func requireSocketFile(_ endpoint: String) throws(ZeroMQError) {
        guard let path = Endpoint.socketFile(endpoint) else { return }
        var status = stat()
        guard lstat(path, &status) == 0, status.st_mode & S_IFMT != S_IFSOCK else { return }
        throw ZeroMQError(
            .addressInUse, operation: .bind, endpoint: endpoint,
            "\(path) is there and is no socket; name another file, or remove it")
    }

    /// Listens at `endpoint` no more; an inproc name is free at once, while closing a socket frees it some time later.
    func unbind(_ endpoint: String) throws(ZeroMQError) {
        checkThread()
        _ = try context.calls.run(.unbind, endpoint: endpoint) { zmq_unbind(handle, endpoint) }
    }

    /// Connects to `endpoint` in the background, and again whenever the connection is lost.
    public func connect(_ endpoint: String) throws(ZeroMQError) {
        checkThread()
        let endpoint = try read(endpoint, for: .connecting, .connect)
        try chooseAddressFamily(for: endpoint)
        _ = try context.calls.run(.connect, endpoint: endpoint) { zmq_connect(handle, endpoint) }
    }

    /// Queues `message` for its peer, whole or not at all.
    ///
    /// `last` follows as one more frame and is not copied: it is let go when its bytes are in the network's hands, or nobody
    /// wants them any more, and on any thread.
    public func send(_ message: Message, last: (any SharedBytes)? = nil) throws(ZeroMQError) -> SendOutcome {
        checkThread()
        precondition(!message.frames.isEmpty, "a message has a frame")
        for (index, frame) in message.frames.enumerated() {
            let more = index + 1 < message.frames.count || last != nil
            let outcome = context.calls.attempt(.send) {
                frame.withUnsafeBytes {
                    zmq_send(handle, $0.baseAddress, $0.count, ZMQ_DONTWAIT | (more ? ZMQ_SNDMORE : 0))
                }
            }
            guard case .failed(let number) = outcome else { continue }
            // libzmq accepts or refuses a message by its first frame. Later, the connection has ended just now: the message is
            // lost as any other that was under way, and libzmq drops what follows of it.
            if number == EAGAIN {
                if index == 0 { return .wouldBlock }
                continue
            }
            if index == 0 && number == EHOSTUNREACH { return .unreachable }
            throw ZeroMQError(number: number, operation: .send, endpoint: nil)
        }
        if let last { try send(last) }
        return .sent
    }

    private func send(_ bytes: any SharedBytes) throws(ZeroMQError) {
        var part = zmq_msg_t()
        // The reference taken here is given back by libzmq, which calls the function once in every case.
        let reference = Unmanaged.passRetained(bytes as AnyObject).toOpaque()
        let address = UnsafeMutableRawPointer(mutating: bytes.bytes.baseAddress)
        let outcome = context.calls.attempt(.messageInit) {
            zmq_msg_init_data(
                &part, address, bytes.bytes.count,
                { _, reference in
                    if let reference { Unmanaged<AnyObject>.fromOpaque(reference).release() }
                }, reference)
        }
        if case .failed(let number) = outcome {
            Unmanaged<AnyObject>.fromOpaque(reference).release()
            throw ZeroMQError(number: number, operation: .messageInit, endpoint: nil)
        }
        defer { zmq_msg_close(&part) }
        let sending = context.calls.attempt(.send) { zmq_msg_send(&part, handle, ZMQ_DONTWAIT) }
        if case .failed(let number) = sending, number != EAGAIN {
            throw ZeroMQError(number: number, operation: .send, endpoint: nil)
        }
    }

    /// The next message that has arrived, or nil when none has.
    ///
    /// A message with more frames than ``SocketOptions/maximumFrames`` is taken off the queue, not kept, and reported as
    /// ``ZeroMQError/Code/messageTooLarge``; the next call goes on with the next message. Where
    /// ``SocketOptions/connectionLimits`` are set, a ROUTER cuts the connection that it came over.
    public func receive() throws(ZeroMQError) -> Message? {
        checkThread()
        var frames: [[UInt8]] = []
        var route: [UInt8] = []
        var count = 0
        var wireBytes = 0
        var origin = MessageOrigin()
        while true {
            var part = zmq_msg_t()
            zmq_msg_init(&part)
            defer { zmq_msg_close(&part) }
            switch context.calls.attempt(.receive, { zmq_msg_recv(&part, handle, ZMQ_DONTWAIT) }) {
            case .failed(EAGAIN) where count == 0: return nil
            case .failed(let number): throw ZeroMQError(number: number, operation: .receive, endpoint: nil)
            case .value: break
            }
            count += 1
            if count == options.maximumFrames + 1 {
                if kind == .router { route = frames.first ?? [] }
                frames = []
            }
            if count <= options.maximumFrames {
                frames.append(Array(UnsafeRawBufferPointer(start: zmq_msg_data(&part), count: zmq_msg_size(&part))))
            }
            if kind != .router || count > 1 { wireBytes += options.security.wireBytes(of: zmq_msg_size(&part)) }
            if zmq_msg_more(&part) == 0 {
                // The first frame of a ROUTER's message is its own and has no metadata.
                if kind != .router || count > 1 { origin = MessageOrigin(of: &part, options) }
                break
            }
        }
        if let descriptor = origin.descriptor {
            if kind == .router, let first = frames.first { route = first }
            watch?.take(wireBytes, from: descriptor, route: route, userID: origin.userID)
        }
        guard count <= options.maximumFrames else {
            if kind == .router, let descriptor = origin.descriptor { watch?.cut(descriptor) }
            var error = ZeroMQError(
                .messageTooLarge, operation: .receive,
                "a peer sent a message of \(count) frames; \(options.maximumFrames) are allowed")
            if kind == .router { error.sender = ZeroMQError.Sender(route: route, userID: origin.userID) }
            throw error
        }
        return Message(frames, userID: origin.userID)
    }

    /// Cuts the connections over which `userID` has sent messages, where ``SocketOptions/connectionLimits`` are set.
    ///
    /// A peer may connect again as long as its key is accepted.
    public func disconnect(_ userID: [UInt8]) { watch?.cut(userID) }

    /// Cuts the connection of a ROUTER's peer that has sent a message, likewise.
    public func disconnect(route: [UInt8]) { watch?.cut(route: route) }

    /// Says that the peer at `route` was asked for answers that take so many bytes on the wire, in addition to what any peer
    /// may send; nothing where no ``SocketOptions/connectionLimits`` are set.
    public func expect(_ bytes: Int, from route: [UInt8]) { watch?.expect(bytes, from: route) }

    /// Makes libzmq tell what happens to connections, at an inproc endpoint.
    func emitEvents(at endpoint: String) throws(ZeroMQError) {
        checkThread()
        _ = try context.calls.run(.monitor, endpoint: endpoint) {
            zmq_socket_monitor(handle, endpoint, ConnectionEvent.mask)
        }
        emitsEvents = true
    }

    /// Makes libzmq tell no more: before the socket is closed, and while the monitor still reads.
    ///
    /// A closed socket still has events, and libzmq's I/O thread would wait for ever until they are taken.
    func stopEvents() {
        checkThread()
        if emitsEvents { zmq_socket_monitor(handle, nil, 0) }
        emitsEvents = false
    }

    private func lastEndpoint() throws(ZeroMQError) -> String {
        var text = [UInt8](repeating: 0, count: 1024)
        var length = text.count
        _ = try context.calls.run(.getOption) { zmq_getsockopt(handle, ZMQ_LAST_ENDPOINT, &text, &length) }
        return String(decoding: text.prefix(max(length - 1, 0)), as: UTF8.self)
    }

    /// The endpoint as libzmq takes it: of what it cannot read whole, it would take a part for the rest.
    private func read(
        _ endpoint: String, for use: Endpoint.Use, _ operation: Operation
    ) throws(ZeroMQError) -> String {
        do { return try Endpoint(endpoint, for: use).text(for: use) } catch {
            throw ZeroMQError(.badEndpoint, operation: operation, endpoint: endpoint, error.description)
        }
    }

    /// A server without its authenticator would refuse everybody, and an older libzmq would admit everybody.
    private func checkAuthenticator(_ endpoint: String) throws(ZeroMQError) {
        guard case .server(_, let authenticator) = options.security else { return }
        precondition(authenticator.context === context, "an authenticator answers for sockets of its own context")
        guard authenticator.isRunning else {
            throw ZeroMQError(
                .authenticatorGone, operation: .bind, endpoint: endpoint,
                "nobody decides which keys may connect: the authenticator has stopped")
        }
    }

    func checkThread() {
        precondition(pthread_equal(owner, pthread_self()) != 0, "a socket belongs to the thread that made it")
    }
}
