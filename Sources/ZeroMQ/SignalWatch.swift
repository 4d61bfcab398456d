import CZeroMQ
import Glibc
import Synchronization

/// Turns signals into something that a ``Poller`` waits for, instead of ending the process.
///
/// Make it on the main thread before any other thread is started: threads inherit that the signals are blocked.
public final class SignalWatch: Sendable {
    /// Readable when a signal has come.
    public let descriptor: CInt
    private let signals: [CInt]
    private let isTaken = Atomic(false)

    /// Catches `signals` from now on.
    public init(_ signals: [CInt] = [SIGINT, SIGTERM]) throws(ZeroMQError) {
        self.signals = signals
        var set = Self.set(of: signals)
        pthread_sigmask(SIG_BLOCK, &set, nil)
        descriptor = signalfd(-1, &set, CInt(SFD_NONBLOCK | SFD_CLOEXEC))
        guard descriptor >= 0 else { throw ZeroMQError(number: errno, operation: .signalDescriptor, endpoint: nil) }
    }

    deinit { close(descriptor) }

    /// The next signal that has come; nil when none has.
    public func take() -> CInt? {
        var information = signalfd_siginfo()
        let size = MemoryLayout<signalfd_siginfo>.size
        guard read(descriptor, &information, size) == size else { return nil }
        isTaken.store(true, ordering: .relaxed)
        return CInt(bitPattern: information.ssi_signo)
    }

    /// Whether ``take()`` has ever returned a signal.
    public var hasCome: Bool { isTaken.load(ordering: .relaxed) }

    /// Whether a signal has come since ``releaseAfterFirst()``, which took its effect.
    public var hasComeLate: Bool { Self.late.load(ordering: .relaxed) }

    /// What the handler of ``releaseAfterFirst()`` sets: signals are those of the process.
    private static let late = Atomic(false)

    /// The next signal, which is waited for until `limit` has passed; nil when none has come.
    public func take(within limit: Duration) -> CInt? {
        var item = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        poll(&item, 1, CInt(clamping: Int((limit / .milliseconds(1)).rounded(.up))))
        return take()
    }

    /// Gives the signals the effect back that they have in any program, for this thread and so for the process.
    ///
    /// After the first signal, so that a second one ends a program that does not manage to end by itself.
    public func release() {
        var set = Self.set(of: signals)
        pthread_sigmask(SIG_UNBLOCK, &set, nil)
    }

    /// Catches the signals again after ``release()``, where the calling thread is the one that released them.
    public func hold() {
        var set = Self.set(of: signals)
        pthread_sigmask(SIG_BLOCK, &set, nil)
    }

    /// Gives the signals their effect back from the second of each kind on: the first, or one that nothing has taken yet, has none.
    ///
    /// For the last moments of a program whose outcome is known: it is told to end, and is about to.
    public func releaseAfterFirst() {
        // Made here: a handler may not.
        Self.late.store(false, ordering: .relaxed)
        var action = sigaction()
        action.__sigaction_handler.sa_handler = { _ in SignalWatch.late.store(true, ordering: .relaxed) }
        action.sa_flags = CInt(bitPattern: UInt32(SA_RESETHAND)) | SA_RESTART
        for signal in signals { sigaction(signal, &action, nil) }
        release()
    }

    private static func set(of signals: [CInt]) -> sigset_t {
        var set = sigset_t()
        sigemptyset(&set)
        for signal in signals { sigaddset(&set, signal) }
        return set
    }
}
