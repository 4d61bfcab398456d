import Glibc

/// What the thread of a server does: it waits for clients and serves them in turn.
final class HTTPLoop {
    /// How long no connection is accepted after the system had nothing left to accept one with.
    private static let pause: Duration = .seconds(1)

    private let listener: CInt
    private let manner: HTTPConnection.Manner
    private var connections: [HTTPConnection] = []
    /// Until when no connection is accepted.
    private var pauseEnd: ContinuousClock.Instant?

    /// A loop over connections to `listener`, which does not wait.
    init(listener: CInt, _ manner: HTTPConnection.Manner) {
        self.listener = listener
        self.manner = manner
    }

    /// Serves until the listener is shut down.
    func run() {
        while true {
            var now = ContinuousClock.now
            if let end = pauseEnd, end <= now { pauseEnd = nil }
            let accepts = pauseEnd == nil && hasRoom(now: now)
            // A socket that was shut down is told of whatever is asked for.
            var items = [pollfd(fd: listener, events: Int16(accepts ? POLLIN : 0), revents: 0)]
            items += connections.map { pollfd(fd: $0.descriptor, events: $0.events, revents: 0) }
            poll(&items, nfds_t(items.count), Self.milliseconds(until: nextTime(accepts: accepts), from: now))
            now = .now
            if items[0].revents & Int16(POLLHUP | POLLERR | POLLNVAL) != 0 { return }
            var left: [HTTPConnection] = []
            for (connection, item) in zip(connections, items.dropFirst()) {
                // One that nothing happened at is looked at for its deadline.
                guard item.revents != 0 || connection.deadline <= now else {
                    left.append(connection)
                    continue
                }
                if connection.proceed(now: now) { left.append(connection) }
            }
            connections = left
            if items[0].revents & Int16(POLLIN) != 0 { acceptOne(now: now) }
        }
    }

    /// Whether one more connection can be accepted, another being cut for it or not.
    private func hasRoom(now: ContinuousClock.Instant) -> Bool {
        connections.count < manner.limits.connections || connections.contains { $0.givesWay.map { $0 <= now } ?? false }
    }

    /// When the loop has to go round, whatever clients do.
    private func nextTime(accepts: Bool) -> ContinuousClock.Instant? {
        var times = connections.map(\.deadline)
        if !accepts { times += connections.compactMap(\.givesWay) + (pauseEnd.map { [$0] } ?? []) }
        return times.min()
    }

    private func acceptOne(now: ContinuousClock.Instant) {
        guard hasRoom(now: now) else { return }
        let descriptor = accept(listener, nil, nil)
        guard descriptor >= 0 else {
            // The client may have gone; but without descriptors or memory, poll would come back at once, over and over.
            if [EMFILE, ENFILE, ENOBUFS, ENOMEM].contains(errno) { pauseEnd = now + Self.pause }
            return
        }
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        guard fcntl(descriptor, F_SETFL, O_NONBLOCK) == 0 else {
            close(descriptor)
            return
        }
        if connections.count >= manner.limits.connections { cutOldest() }
        connections.append(HTTPConnection(descriptor, manner, now: now))
    }

    /// Cuts the connection that has waited for a request the longest.
    private func cutOldest() {
        let waiting = connections.indices.compactMap { index in connections[index].givesWay.map { (index, $0) } }
        if let oldest = waiting.min(by: { $0.1 < $1.1 }) { connections.remove(at: oldest.0) }
    }

    /// The time as `poll` takes it: rounded up, so that it is over when poll comes back; below 0 for no end.
    private static func milliseconds(until time: ContinuousClock.Instant?, from now: ContinuousClock.Instant) -> CInt {
        guard let time else { return -1 }
        return CInt(min(max((time - now) / .milliseconds(1), 0).rounded(.up), 60_000))
    }
}
