import CZeroMQ
import Glibc

/// Waits until one of several sockets or descriptors has something to read.
public struct Poller {
    private let sockets: [Socket]
    private let descriptors: [CInt]
    private let calls: Calls

    /// Watches `sockets`, which belong to the calling thread, and `descriptors`, such as those of ``WakeUp``.
    ///
    /// The descriptors stay open as long as the poller is used.
    public init(sockets: [Socket], descriptors: [CInt] = [], in context: Context) {
        self.sockets = sockets
        self.descriptors = descriptors
        calls = context.calls
    }

    /// Returns when something can be read, a signal arrived, or `timeout` is over; nil waits without end.
    ///
    /// Callers then try every source: what is ready is not told apart, since trying costs little.
    public func wait(atMost timeout: Duration?) throws(ZeroMQError) {
        var items: [zmq_pollitem_t] = sockets.map { socket in
            socket.checkThread()
            return zmq_pollitem_t(socket: socket.handle, fd: 0, events: Int16(ZMQ_POLLIN), revents: 0)
        }
        items += descriptors.map {
            zmq_pollitem_t(socket: nil, fd: $0, events: Int16(ZMQ_POLLIN), revents: 0)
        }
        // Rounded up: a timer that is due in 0.4 ms must not make the caller spin.
        let milliseconds = timeout.map { Int(min(max(($0 / .milliseconds(1)).rounded(.up), 0), 1e9)) } ?? -1
        if let number = calls.forcedFailure?(.poll) {
            throw ZeroMQError(number: number, operation: .poll, endpoint: nil)
        }
        guard zmq_poll(&items, CInt(items.count), milliseconds) == -1 else { return }
        let number = zmq_errno()
        if number != EINTR { throw ZeroMQError(number: number, operation: .poll, endpoint: nil) }
    }
}
