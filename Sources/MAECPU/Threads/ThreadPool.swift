import Glibc

/// Threads that stay alive and share out the items of one loop at a time.
///
/// The calling thread works too, so a pool of one has no thread of its own. Threads without work look for more for some
/// microseconds and then sleep. A thread that wakes too late for a loop is not waited for, so a busy machine costs only
/// the processors it takes. Several pools, and several callers of one, never block each other for longer than a loop.
final class ThreadPool: Sendable {
    /// Number of threads that work, the caller's included.
    let threadCount: Int
    private let crew: Crew
    private let threads: [pthread_t]

    /// Starts `threadCount − 1` threads; fewer when the system grants no more.
    init(threadCount: Int) {
        precondition(threadCount > 0, "a pool has at least one thread")
        let crew = Crew(spins: threadCount <= Processor.allowedCount)
        let threads = (1..<threadCount).compactMap { crew.startThread(worker: $0) }
        self.crew = crew
        self.threads = threads
        self.threadCount = threads.count + 1
    }

    deinit {
        crew.stop()
        for thread in threads { pthread_join(thread, nil) }
    }

    /// Calls `body` once for each item 0 ..< `count`, in no particular order, and returns when all calls have.
    ///
    /// `body` gets the item and the number, below ``threadCount``, of the thread it runs on. It must not use the pool.
    func forEach(_ count: Int, _ body: (_ item: Int, _ worker: Int) -> Void) {
        if threads.isEmpty || count <= 1 {
            for item in 0..<max(count, 0) { body(item, 0) }
        } else {
            crew.share(count, body)
        }
    }
}
