import Glibc
import MAEThreads
import Synchronization

/// A thread with sockets of its own, which runs until its owner stops it or is released.
final class SocketThread: Sendable {
    /// What the thread does: it makes its sockets, calls `ready`, and returns once `stop` is signaled.
    ///
    /// The closure must hold neither the `SocketThread` nor its owner, or neither would ever be released.
    typealias Work = @Sendable (_ stop: WakeUp, _ ready: () -> Void) throws(ZeroMQError) -> Void

    private let shared: Shared
    private let thread: NamedThread

    /// Starts a thread called `name` and returns when it is ready; throws the error that `work` threw before.
    init(_ name: String, _ work: @escaping Work) throws(ZeroMQError) {
        let shared = try Shared(work)
        do throws(ThreadError) {
            thread = try NamedThread(name) { shared.run() }
        } catch {
            throw ZeroMQError(number: error.number, operation: .threadCreate, endpoint: nil)
        }
        self.shared = shared
        shared.awaitReady()
        if let failure = shared.state.withLock(\.failure) {
            stop()
            throw failure
        }
    }

    deinit { stop() }

    /// Whether the thread is running.
    var isRunning: Bool { shared.state.withLock { $0.isRunning } }

    /// Ends the thread and waits until its sockets are closed.
    func stop() {
        shared.stop.signal()
        // The thread throws nothing: what ended it is in the shared state.
        try? thread.join()
    }

    /// What the thread and its owner share.
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
