import CMAEThreads
import Glibc
import Synchronization

/// A thread with a name, which its owner joins.
///
/// All threads of the project are started here, except those of the compute pool, which are pinned to processors. The name is
/// what `/proc/PID/task/TID/comm`, `top -H` and a debugger show.
public final class NamedThread: Sendable {
    /// Bytes that Linux keeps of a thread's name.
    public static let maximumNameLength = 15

    private let running: Mutex<pthread_t?>
    private let state: State

    /// Starts a thread that runs `body`; a name longer than ``maximumNameLength`` is cut off.
    ///
    /// - Throws: ``ThreadError`` when the system grants no thread.
    public init(_ name: String, _ body: @escaping @Sendable () throws -> Void) throws(ThreadError) {
        state = State(String(decoding: name.utf8.prefix(Self.maximumNameLength), as: UTF8.self), body)
        let reference = Unmanaged.passRetained(state)
        var thread = pthread_t()
        let number = pthread_create(
            &thread, nil,
            { reference in
                if let reference { Unmanaged<State>.fromOpaque(reference).takeRetainedValue().run() }
                return nil
            }, reference.toOpaque())
        guard number == 0 else {
            reference.release()
            throw ThreadError(name: state.name, number: number)
        }
        running = Mutex(thread)
    }

    /// Waits for the thread, if ``join()`` or ``detach()`` did not come before: its error is lost then.
    deinit { waitForEnd() }

    /// Waits until the thread has ended; a second call returns at once.
    ///
    /// - Throws: what the thread's body threw.
    public func join() throws {
        waitForEnd()
        if let error = state.error.withLock({ $0 }) { throw error }
    }

    /// Waits for the thread for `limit`; one that has not ended by then is detached: see ``detach()``.
    ///
    /// - Returns: whether the thread has ended.
    /// - Throws: what the thread's body threw.
    @discardableResult
    public func join(orDetachAfter limit: Duration) throws -> Bool {
        guard state.hasEnded.wait(atMost: limit, { $0 ? true : nil }) ?? false else {
            detach()
            return false
        }
        try join()
        return true
    }

    /// Lets the thread run on without being joined: only for work that nothing can end, in a program that is about to exit.
    public func detach() {
        running.withLock { running in
            if let thread = running { pthread_detach(thread) }
            running = nil
        }
    }

    private func waitForEnd() {
        running.withLock { running in
            if let thread = running { pthread_join(thread, nil) }
            running = nil
        }
    }

    /// What the thread and its owner share.
    private final class State: Sendable {
        let name: String
        let error = Mutex<(any Error)?>(nil)
        let hasEnded = Monitor(false)
        /// Nil once it has run, so that what it holds is let go of.
        private let body: Mutex<(@Sendable () throws -> Void)?>

        init(_ name: String, _ body: @escaping @Sendable () throws -> Void) {
            self.name = name
            self.body = Mutex(body)
        }

        func run() {
            mae_name_thread(name)
            let body = body.withLock { body in
                defer { body = nil }
                return body
            }
            do { try body?() } catch { self.error.withLock { $0 = error } }
            hasEnded.change { $0 = true }
        }
    }
}

/// The system granted no thread.
public struct ThreadError: Error, Sendable, CustomStringConvertible {
    /// The name that the thread was to have.
    public let name: String
    /// The error number of `pthread_create`.
    public let number: CInt

    /// What is wrong and what to do about it.
    public var description: String {
        "no thread can be started for \(name) (\(String(cString: strerror(number)))): raise the limit of processes "
            + "(ulimit -u, pids.max) or end other programs"
    }
}
