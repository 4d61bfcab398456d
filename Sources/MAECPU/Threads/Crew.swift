import CMAEThreads
import Glibc
import Synchronization

/// What the threads of a ``ThreadPool`` share: the loop in progress and the means to wait for one.
final class Crew: @unchecked Sendable {
    // Sendable: `loop` is written only while its loop is closed and nobody is inside, and read only by threads that have
    // joined; joining acquires what opening released. Everything else is atomic or constant.

    /// How long a thread looks before it sleeps: about as long as it takes to wake one.
    private static let patience: UInt64 = 100_000

    private let awake: AwakeThreads
    /// Held by the caller whose loop is in progress.
    private let turn = Lock()
    /// Held for sleeping and waking only.
    private let mutex = Lock()
    private let hasWork = Condition()
    private let isEmpty = Condition()

    private var loop: (any SharedLoop)?
    private var itemCount = 0
    private let state = Atomic<UInt64>(0)
    /// Next item nobody has taken.
    private let nextItem = Atomic<Int>(0)
    /// Threads that sleep for want of a loop.
    private let sleepers = Atomic<Int>(0)
    /// Whether the caller sleeps until its loop is empty.
    private let callerSleeps = Atomic<Bool>(false)
    private let isStopping = Atomic<Bool>(false)

    /// A crew whose threads spin only while there is room for them among the `awake` ones.
    init(awake: AwakeThreads) {
        self.awake = awake
    }

    /// Runs a loop on the calling thread and on all others that come in time.
    func share(_ count: Int, _ loop: any SharedLoop) {
        turn.lock()
        awake.add()
        defer {
            awake.remove()
            turn.unlock()
        }
        self.loop = loop
        itemCount = count
        nextItem.store(0, ordering: .relaxed)
        state.store(LoopState(state.load(ordering: .relaxed)).next.bits, ordering: .sequentiallyConsistent)
        // Whoever counts itself a sleeper looks at the state once more before it sleeps, so one of the two sees the other.
        wake(count - 1)

        takeItems(loop, count, worker: 0)

        state.bitwiseAnd(~LoopState.open, ordering: .sequentiallyConsistent)
        if !spin(until: { isDeserted }) {
            mutex.lock()
            callerSleeps.store(true, ordering: .sequentiallyConsistent)
            while !isDeserted { isEmpty.wait(mutex) }
            callerSleeps.store(false, ordering: .relaxed)
            mutex.unlock()
        }
        self.loop = nil
    }

    /// Starts a thread that works until ``stop()``; nil when the system grants none.
    func startThread(worker: Int) -> pthread_t? {
        let start = Unmanaged.passRetained(Start(crew: self, worker: worker))
        var thread = pthread_t()
        let status = pthread_create(
            &thread, nil,
            { context in
                guard let context else { return nil }
                let start = Unmanaged<Start>.fromOpaque(context).takeRetainedValue()
                start.crew.work(worker: start.worker)
                return nil
            }, start.toOpaque())
        if status == 0 { return thread }
        start.release()
        return nil
    }

    /// Sends all threads home.
    func stop() {
        isStopping.store(true, ordering: .sequentiallyConsistent)
        mutex.lock()
        hasWork.broadcast()
        mutex.unlock()
    }

    private func work(worker: Int) {
        awake.add()
        defer { awake.remove() }
        var last: UInt64 = 0
        while waitForLoop(after: last) {
            let now = LoopState(state.load(ordering: .relaxed))
            guard now.isOpen, now.loop != last else { continue }
            guard
                state.compareExchange(
                    expected: now.bits, desired: now.joined.bits, ordering: .acquiringAndReleasing
                ).exchanged
            else { continue }
            last = now.loop
            if let loop { takeItems(loop, itemCount, worker: worker) }
            leave()
        }
    }

    /// Returns when there is a loop to join, or no more will come: false.
    private func waitForLoop(after last: UInt64) -> Bool {
        if !spin(until: { canJoin(after: last) || isStopping.load(ordering: .relaxed) }) {
            mutex.lock()
            sleepers.add(1, ordering: .sequentiallyConsistent)
            awake.remove()
            while !canJoin(after: last), !isStopping.load(ordering: .sequentiallyConsistent) { hasWork.wait(mutex) }
            awake.add()
            sleepers.subtract(1, ordering: .relaxed)
            mutex.unlock()
        }
        return !isStopping.load(ordering: .relaxed)
    }

    private func canJoin(after last: UInt64) -> Bool {
        let now = LoopState(state.load(ordering: .sequentiallyConsistent))
        return now.isOpen && now.loop != last
    }

    private var isDeserted: Bool { LoopState(state.load(ordering: .sequentiallyConsistent)).inside == 0 }

    private func leave() {
        let left = LoopState(state.subtract(1, ordering: .sequentiallyConsistent).newValue)
        guard left.inside == 0, callerSleeps.load(ordering: .sequentiallyConsistent) else { return }
        mutex.lock()
        isEmpty.broadcast()
        mutex.unlock()
    }

    /// Wakes up to `count` sleepers.
    private func wake(_ count: Int) {
        guard sleepers.load(ordering: .sequentiallyConsistent) > 0 else { return }
        mutex.lock()
        for _ in 0..<min(count, sleepers.load(ordering: .relaxed)) { hasWork.signal() }
        mutex.unlock()
    }

    private func takeItems(_ loop: any SharedLoop, _ count: Int, worker: Int) {
        while true {
            let item = nextItem.add(1, ordering: .relaxed).oldValue
            if item >= count { return }
            loop.run(item: item, worker: worker)
        }
    }

    /// Looks for a condition for a while, and returns whether it came.
    @inline(__always)
    private func spin(until condition: () -> Bool) -> Bool {
        if condition() { return true }
        guard awake.haveRoom else { return false }
        let end = nanoseconds() + Self.patience
        repeat {
            for _ in 0..<32 {
                mae_pause()
                if condition() { return true }
            }
        } while awake.haveRoom && nanoseconds() < end
        return false
    }

    private func nanoseconds() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec)
    }

    private final class Start {
        let crew: Crew
        let worker: Int

        init(crew: Crew, worker: Int) {
            self.crew = crew
            self.worker = worker
        }
    }
}
