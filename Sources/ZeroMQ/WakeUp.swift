import CZeroMQ
import Glibc

/// Wakes a thread that waits in ``Poller/wait(atMost:)``.
///
/// An event descriptor instead of a pair of inproc sockets: it belongs to no thread, so any thread may signal it, and
/// `write` on it is allowed in a signal handler.
public final class WakeUp: Sendable {
    /// The event descriptor.
    public let descriptor: CInt

    /// Makes a wake-up that is not signalled.
    public init() throws(ZeroMQError) {
        descriptor = eventfd(0, CInt(EFD_NONBLOCK | EFD_CLOEXEC))
        guard descriptor >= 0 else { throw ZeroMQError(number: errno, operation: .eventDescriptor, endpoint: nil) }
    }

    deinit { close(descriptor) }

    /// Wakes the waiting thread, now or when it next waits.
    public func signal() {
        // Fails only when the counter is full, and then the thread is awake already.
        eventfd_write(descriptor, 1)
    }

    /// Whether a signal has come that was not taken back.
    var isSignalled: Bool {
        var item = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&item, 1, 0) == 1
    }

    /// Takes back all signals so far.
    public func clear() {
        var count: eventfd_t = 0
        eventfd_read(descriptor, &count)
    }
}
