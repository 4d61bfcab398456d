import Glibc
import Synchronization

/// A thread with sockets of its own, which works until its owner stops it or goes.
final class Attendant: Sendable {
    /// What the thread does: it makes its sockets, calls `ready`, and returns once `stop` is signalled.
    ///
    /// It must not keep the attendant or its owner alive, or they would never go.
    typealias Work = @Sendable (_ stop: WakeUp, _ ready: () -> Void) throws(ZeroMQError) -> Void

    private let shared: Shared
    private let thread: Mutex<pthread_t?>

    /// Starts the thread and returns when it is ready; throws what kept it from becoming so.
    init(_ work: @escaping Work) throws(ZeroMQError) {
        let shared = try Shared(work)
        let reference = Unmanaged.passRetained(shared)
        var thread = pthread_t()
        let number = pthread_create(
            &thread, nil,
            { reference in
                if let reference { Unmanaged<Shared>.fromOpaque(reference).takeRetainedValue().run() }
                return nil
            }, reference.toOpaque())
        guard number == 0 else {
            reference.release()
            throw ZeroMQError(number: number, operation: .threadCreate, endpoint: nil)
        }
        self.shared = shared
        self.thread = Mutex(thread)
        shared.awaitReady()
        if let failure = shared.state.withLock(\.failure) {
            stop()
            throw failure
        }
    }

    deinit { stop() }

    /// Whether the thread is at work.
    var isRunning: Bool { shared.state.withLock { $0.isRunning } }

    /// Ends the thread and waits until its sockets are closed.
    func stop() {
        shared.stop.signal()
        thread.withLock { thread in
            if let running = thread { pthread_join(running, nil) }
            thread = nil
        }
    }

    /// What thread and owner have in common.
    private final class Shared: Sendable {
        let stop: WakeUp
        let state = Mutex((isRunning: true, failure: ZeroMQError?.none))
        private let isReady: WakeUp
        private let work: Work

        init(_ work: @escaping Work) throws(ZeroMQError) {
            self.work = work
            stop = try WakeUp()
            isReady = try WakeUp()
        }

        func run() {
            var failure: ZeroMQError?
            do { try work(stop) { isReady.signal() } } catch { failure = error }
            state.withLock { $0 = (isRunning: false, failure: failure) }
            isReady.signal()
        }

        func awaitReady() {
            var item = pollfd(fd: isReady.descriptor, events: Int16(POLLIN), revents: 0)
            while poll(&item, 1, -1) == -1 && errno == EINTR {}
        }
    }
}
