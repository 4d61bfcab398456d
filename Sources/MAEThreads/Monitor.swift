import Glibc

/// A value behind a lock that threads can wait at until the value has changed.
///
/// The lock of the project for values that are waited for; `Mutex` of the standard library, which nothing can be waited for
/// at, is that of all others.
public final class Monitor<Value: Sendable>: @unchecked Sendable {
    // Sendable: `value` is only reached with `lock` held. The lock and the condition keep one address, as POSIX wants.
    private var value: Value
    private let lock = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let changed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

    /// A monitor of `value`.
    public init(_ value: Value) {
        self.value = value
        lock.initialize(to: pthread_mutex_t())
        changed.initialize(to: pthread_cond_t())
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        defer { pthread_condattr_destroy(&attributes) }
        // The wall clock may jump.
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        let isMade = pthread_mutex_init(lock, nil) == 0 && pthread_cond_init(changed, &attributes) == 0
        precondition(isMade, "a default mutex and a condition variable need no resources")
    }

    deinit {
        pthread_cond_destroy(changed)
        pthread_mutex_destroy(lock)
        changed.deallocate()
        lock.deallocate()
    }

    /// Looks at the value, or changes a part of it that no thread waits for.
    public func withLock<Result>(_ body: (inout Value) throws -> Result) rethrows -> Result {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        return try body(&value)
    }

    /// Changes the value and wakes all who wait.
    public func change<Result>(_ body: (inout Value) throws -> Result) rethrows -> Result {
        pthread_mutex_lock(lock)
        defer {
            pthread_cond_broadcast(changed)
            pthread_mutex_unlock(lock)
        }
        return try body(&value)
    }

    /// Waits until `take`, which is asked at once and after each change, returns something.
    public func wait<Result>(_ take: (inout Value) -> Result?) -> Result {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        while true {
            if let result = take(&value) { return result }
            pthread_cond_wait(changed, lock)
        }
    }

    /// As ``wait(_:)``, and nil once `limit` has passed.
    public func wait<Result>(atMost limit: Duration, _ take: (inout Value) -> Result?) -> Result? {
        let end = Self.time(after: limit)
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        while true {
            if let result = take(&value) { return result }
            var time = end
            if pthread_cond_timedwait(changed, lock, &time) == ETIMEDOUT { return take(&value) }
        }
    }

    private static func time(after limit: Duration) -> timespec {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        let (seconds, attoseconds) = limit.components
        let nanoseconds = time.tv_nsec + Int(attoseconds / 1_000_000_000)
        time.tv_sec += Int(seconds) + nanoseconds / 1_000_000_000
        time.tv_nsec = nanoseconds % 1_000_000_000
        return time
    }
}
