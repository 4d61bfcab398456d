import Glibc

/// A POSIX mutex at a fixed address, as condition variables need it.
final class Lock: @unchecked Sendable {
    // Sendable: a mutex is made for use from many threads.

    fileprivate let handle = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)

    init() {
        handle.initialize(to: pthread_mutex_t())
        let status = pthread_mutex_init(handle, nil)
        precondition(status == 0, "a default mutex needs no resources")
    }

    deinit {
        pthread_mutex_destroy(handle)
        handle.deallocate()
    }

    func lock() { pthread_mutex_lock(handle) }
    func unlock() { pthread_mutex_unlock(handle) }
}

/// A POSIX condition variable.
final class Condition: @unchecked Sendable {
    // Sendable: a condition variable is made for use from many threads.

    private let handle = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

    init() {
        handle.initialize(to: pthread_cond_t())
        let status = pthread_cond_init(handle, nil)
        precondition(status == 0, "a default condition variable needs no resources")
    }

    deinit {
        pthread_cond_destroy(handle)
        handle.deallocate()
    }

    /// Gives `lock` back while waiting; may return without a reason.
    func wait(_ lock: Lock) { pthread_cond_wait(handle, lock.handle) }
    func signal() { pthread_cond_signal(handle) }
    func broadcast() { pthread_cond_broadcast(handle) }
}
