/// Answers of an authenticator that are to be sent later.
struct DelayedReplies {
    /// More than these are not kept waiting: they are sent at once.
    private static let mostWaiting = 1024

    private var waiting: [(due: ContinuousClock.Instant, reply: Message)] = []

    /// How long until one is to be sent; nil when none waits.
    var wait: Duration? { waiting.map(\.due).min().map { max($0 - .now, .zero) } }

    /// Sends a reply after a while.
    mutating func send(_ reply: Message, after delay: Duration, through socket: Socket) throws(ZeroMQError) {
        if delay > .zero, waiting.count < Self.mostWaiting {
            waiting.append((.now + delay, reply))
        } else {
            _ = try socket.send(reply)
        }
    }

    /// Sends those whose time has come.
    mutating func sendDue(through socket: Socket) throws(ZeroMQError) {
        let now = ContinuousClock.now
        for (due, reply) in waiting where due <= now { _ = try socket.send(reply) }
        waiting.removeAll { $0.due <= now }
    }
}
