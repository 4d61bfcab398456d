import CMAEThreads
import Glibc
import Synchronization

/// What the threads of a ``ThreadPool`` share: the loop in progress and the means to wait for one.
final class ThreadTeam: @unchecked Sendable {
    // Sendable: `loop` is written only while its loop is closed and has no participants, and read only by threads that have
    // joined; joining acquires what opening released. Everything else is atomic or constant.

    /// Nanoseconds for which a thread spins before it sleeps: about as long as it takes to wake one.
    private static let spinTime: UInt64 = 100_000

    private let active: ActiveThreadCount
    /// Held by the caller whose loop is in progress.
    private let callerLock = Lock()
    /// Held for sleeping and waking only.
    private let mutex = Lock()
    private let hasWork = Condition()
    private let isEmpty = Condition()

    private var loop: (any LoopBody)?
    private var itemCount = 0
    private let state = Atomic<UInt64>(0)
    /// The next item that no thread has taken.
    private let nextItem = Atomic<Int>(0)
    /// Threads that sleep because there is no loop.
    private let sleepingCount = Atomic<Int>(0)
    /// Whether the caller sleeps until its loop has no participants.
    private let callerSleeps = Atomic<Bool>(false)
    private let isStopping = Atomic<Bool>(false)

    /// A team whose threads spin only while the `active` ones do not outnumber the processors.
    init(active: ActiveThreadCount) {
        self.active = active
    }

    /// Runs a loop on the calling thread and on all others that join in time.
    func run(_ count: Int, _ loop: any LoopBody) {
        callerLock.lock()
        active.add()
        defer {
            active.remove()
            callerLock.unlock()
        }
        self.loop = loop
        itemCount = count
        nextItem.store(0, ordering: .relaxed)
        state.store(LoopState(state.load(ordering: .relaxed)).next.bits, ordering: .sequentiallyConsistent)
        // A thread that has counted itself as sleeping looks at the state once more before it sleeps, so either it sees this
        // loop or this thread sees it in the count.
        wake(count - 1)

        runItems(loop, count, worker: 0)

        state.bitwiseAnd(~LoopState.open, ordering: .sequentiallyConsistent)
        if !spin(until: { hasNoParticipants }) {
            mutex.lock()
            callerSleeps.store(true, ordering: .sequentiallyConsistent)
            while !hasNoParticipants { isEmpty.wait(mutex) }
            callerSleeps.store(false, ordering: .relaxed)
            mutex.unlock()
        }
        self.loop = nil
    }

    /// Starts a thread that works until ``stop()``; nil when the system grants none.
    func startThread(worker: Int) -> pthread_t? {
        let start = Unmanaged.passRetained(Start(team: self, worker: worker))
        var thread = pthread_t()
        let status = pthread_create(
            &thread, nil,
            { context in
                guard let context else { return nil }
                let start = Unmanaged<Start>.fromOpaque(context).takeRetainedValue()
                start.team.work(worker: start.worker)
                return nil
            }, start.toOpaque())
        if status == 0 { return thread }
        start.release()
        return nil
    }

    /// Ends all threads.
    func stop() {
        isStopping.store(true, ordering: .sequentiallyConsistent)
        mutex.lock()
        hasWork.broadcast()
        mutex.unlock()
    }

    private func work(worker: Int) {
        active.add()
        defer { active.remove() }
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
            if let loop { runItems(loop, itemCount, worker: worker) }
            leave()
        }
    }

    /// Waits for a loop to join; false when the team is stopping.
    private func waitForLoop(after last: UInt64) -> Bool {
        if !spin(until: { canJoin(after: last) || isStopping.load(ordering: .relaxed) }) {
            mutex.lock()
            sleepingCount.add(1, ordering: .sequentiallyConsistent)
            active.remove()
            while !canJoin(after: last), !isStopping.load(ordering: .sequentiallyConsistent) { hasWork.wait(mutex) }
            active.add()
            sleepingCount.subtract(1, ordering: .relaxed)
            mutex.unlock()
        }
        return !isStopping.load(ordering: .relaxed)
    }

    private func canJoin(after last: UInt64) -> Bool {
        let now = LoopState(state.load(ordering: .sequentiallyConsistent))
        return now.isOpen && now.loop != last
    }

    private var hasNoParticipants: Bool { LoopState(state.load(ordering: .sequentiallyConsistent)).participants == 0 }

    private func leave() {
        let left = LoopState(state.subtract(1, ordering: .sequentiallyConsistent).newValue)
        guard left.participants == 0, callerSleeps.load(ordering: .sequentiallyConsistent) else { return }
        mutex.lock()
        isEmpty.broadcast()
        mutex.unlock()
    }

    /// Wakes up to `count` sleeping threads.
    private func wake(_ count: Int) {
        guard sleepingCount.load(ordering: .sequentiallyConsistent) > 0 else { return }
        mutex.lock()
        for _ in 0..<min(count, sleepingCount.load(ordering: .relaxed)) { hasWork.signal() }
        mutex.unlock()
    }

    private func runItems(_ loop: any LoopBody, _ count: Int, worker: Int) {
        while true {
            let item = nextItem.add(1, ordering: .relaxed).oldValue
            if item >= count { return }
            loop.run(item: item, worker: worker)
        }
    }

    /// Spins until a condition holds, for ``spinTime`` at most; returns whether it holds.
    @inline(__always)
    private func spin(until condition: () -> Bool) -> Bool {
        if condition() { return true }
        guard !active.isOversubscribed else { return false }
        let end = nanoseconds() + Self.spinTime
        repeat {
            for _ in 0..<32 {
                mae_pause()
                if condition() { return true }
            }
        } while !active.isOversubscribed && nanoseconds() < end
        return false
    }

    private func nanoseconds() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec)
    }

    private final class Start {
        let team: ThreadTeam
        let worker: Int

        init(team: ThreadTeam, worker: Int) {
            self.team = team
            self.worker = worker
        }
    }
}
