import Glibc
import MAECompute

/// Threads that stay alive and share out the items of one loop at a time.
///
/// The calling thread works too, so a pool of one has no thread of its own. Threads without work spin for a tenth of a
/// millisecond and then sleep; where the threads of all pools outnumber the processors they sleep at once. A thread that
/// wakes too late for a loop is not waited for, so a busy machine costs only the processors it takes.
/// Several pools, and several callers of one, never block each other for longer than a loop.
final class ThreadPool: Sendable {
    /// Number of threads that work, the caller's included.
    let threadCount: Int
    private let team: ThreadTeam
    private let threads: [pthread_t]
    private let active: ActiveThreadCount
    /// The processor of the calling thread, in a pool whose threads have one each.
    private let callerProcessor: ProcessorSet?

    /// Starts `threadCount − 1` threads by `start`; fewer when the system grants no more.
    init(
        threadCount: Int, active: ActiveThreadCount = .ofProcess,
        start: (_ team: ThreadTeam, _ worker: Int) -> pthread_t? = { $0.startThread(worker: $1) }
    ) {
        precondition(threadCount > 0, "a pool has at least one thread")
        let team = ThreadTeam(active: active)
        var threads: [pthread_t] = []
        // Not one after a failure: the numbers of threads are those below their count.
        while threads.count + 1 < threadCount, let thread = start(team, threads.count + 1) { threads.append(thread) }
        self.team = team
        self.threads = threads
        self.active = active
        self.threadCount = threads.count + 1
        callerProcessor = nil
    }

    /// Starts `threadCount − 1` threads, each bound to a processor of its own: thread i to the i-th of those that the
    /// calling thread may run on.
    ///
    /// - Throws: ``ComputeError`` `invalidInput` when there are fewer processors than threads, and `unsupportedDevice`
    ///   when the system does not let threads be bound.
    init(pinnedThreadCount threadCount: Int, active: ActiveThreadCount = .ofProcess) throws(ComputeError) {
        precondition(threadCount > 0, "a pool has at least one thread")
        guard let processors = ProcessorSet.ofCallingThread?.singles else {
            throw ComputeError(.unsupportedDevice, "the system does not tell its processors: run without --pin")
        }
        guard threadCount <= processors.count else {
            throw ComputeError(
                .invalidInput,
                "\(threadCount) threads cannot have a processor each: this process may use \(processors.count); "
                    + "ask for fewer threads, or run without --pin")
        }
        let team = ThreadTeam(active: active)
        var threads: [pthread_t] = []
        for worker in 1..<threadCount {
            guard let thread = team.startThread(worker: worker) else { break }
            threads.append(thread)
            guard processors[worker].bind(thread) else {
                team.stop()
                for thread in threads { pthread_join(thread, nil) }
                throw ComputeError(
                    .unsupportedDevice, "the system does not let threads be bound to processors: run without --pin")
            }
        }
        self.team = team
        self.threads = threads
        self.active = active
        self.threadCount = threads.count + 1
        callerProcessor = processors[0]
    }

    deinit {
        team.stop()
        for thread in threads { pthread_join(thread, nil) }
    }

    /// Runs `body` with the calling thread bound to its processor, where the pool binds threads, and free as before
    /// afterwards: the thread is the caller's, and is only lent.
    func withPinnedCaller<Result>(_ body: () throws -> Result) rethrows -> Result {
        guard let callerProcessor, let before = ProcessorSet.ofCallingThread else { return try body() }
        callerProcessor.bind(pthread_self())
        defer { before.bind(pthread_self()) }
        return try body()
    }

    /// Runs each item 0 ..< `count` of `loop` once, in no particular order, and returns when all have run.
    ///
    /// Takes nothing from the heap. The loop must not use the pool.
    func run(_ count: Int, of loop: any LoopBody) {
        if threads.isEmpty || count <= 1 {
            active.add()
            defer { active.remove() }
            for item in 0..<max(count, 0) { loop.run(item: item, worker: 0) }
        } else {
            team.run(count, loop)
        }
    }

    /// Calls `body` once for each item 0 ..< `count`, in no particular order, and returns when all calls have.
    ///
    /// `body` gets the item and the number, below ``threadCount``, of the thread it runs on. It must not use the pool.
    func forEach(_ count: Int, _ body: (_ item: Int, _ worker: Int) -> Void) {
        withoutActuallyEscaping(body) { body in
            let loop = ClosureBody(body)
            run(count, of: loop)
            loop.body = nil
        }
    }
}

/// What the threads of a pool run for each item of a loop.
protocol LoopBody: AnyObject, Sendable {
    /// Runs one item, on the thread with the number `worker` of the pool.
    func run(item: Int, worker: Int)
}

/// A loop body that calls a closure.
private final class ClosureBody: LoopBody, @unchecked Sendable {
    // Sendable: `body` is changed only when the loop has ended; that it may run on several threads is what forEach says.

    var body: ((_ item: Int, _ worker: Int) -> Void)?

    init(_ body: @escaping (_ item: Int, _ worker: Int) -> Void) {
        self.body = body
    }

    func run(item: Int, worker: Int) { body?(item, worker) }
}
