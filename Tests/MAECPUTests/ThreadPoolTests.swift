import Glibc
import MAECompute
import Synchronization
import TestSupport
import Testing

@testable import MAECPU

@Suite("Thread pool")
struct ThreadPoolTests {
    @Test("each item is done exactly once, by a thread of the pool", arguments: [1, 2, 3, 7])
    func eachItemOnce(threads: Int) {
        let pool = ThreadPool(threadCount: threads)
        let counts = Mutex([Int](repeating: 0, count: 100))
        for count in 0...100 {
            counts.withLock { for index in $0.indices { $0[index] = 0 } }
            pool.forEach(count) { item, worker in
                counts.withLock { $0[item] += (0..<threads).contains(worker) ? 1 : 1000 }
            }
            let done = counts.withLock { $0 }
            #expect(done == (0..<100).map { $0 < count ? 1 : 0 })
        }
    }

    @Test("when the system refuses one thread, no later one is started under a number that has no scratch")
    func refusedThread() {
        let pool = ThreadPool(threadCount: 4) { $1 == 2 ? nil : $0.startThread(worker: $1) }
        #expect(pool.threadCount == 2)
        let workers = Mutex(Set<Int>())
        for _ in 0..<200 { pool.forEach(64) { _, worker in _ = workers.withLock { $0.insert(worker) } } }
        #expect(workers.withLock { $0 }.isSubset(of: [0, 1]))
    }

    @Test("a loop on the caller alone counts as a thread active")
    func loneLoop() {
        let active = ActiveThreadCount(processors: 1)
        let pool = ThreadPool(threadCount: 1, active: active)
        pool.forEach(2) { _, _ in #expect(active.count == 1) }
        #expect(active.count == 0)
    }

    /// Without a processor for them, threads sleep between any two loops.
    @Test("everything written in a loop is visible after it, spinning or not", arguments: [2, 3, 7], [0, 1, 64])
    func visibility(threads: Int, processors: Int) {
        let pool = ThreadPool(threadCount: threads, active: ActiveThreadCount(processors: processors))
        let memory = UnsafeMutablePointer<Int>.allocate(capacity: 64)
        defer { memory.deallocate() }
        memory.initialize(repeating: 0, count: 64)
        for round in 1...2000 {
            pool.forEach(64) { item, _ in memory[item] += item }
            let sum = (0..<64).reduce(0) { $0 + memory[$1] }
            if sum != round * 64 * 63 / 2 {
                Issue.record("round \(round) lost an item")
                return
            }
        }
    }

    @Test("idle threads sleep: they use no processor time")
    func idle() throws {
        let active = ActiveThreadCount(processors: 64)
        let pool = ThreadPool(threadCount: 3, active: active)
        let clocks = Mutex<[clockid_t]>([])
        pool.forEachThread { worker in
            var clock = clockid_t()
            let status = pthread_getcpuclockid(pthread_self(), &clock)
            if worker > 0 && status == 0 { clocks.withLock { $0.append(clock) } }
        }
        let idle = clocks.withLock { $0 }
        #expect(idle.count == 2)
        try blockUntil("the threads of the pool sleep") { active.count == 0 }
        let before = idle.map(processorTime)
        // What this thread gets, one that spins would get too, however little the machine has to give.
        let end = processorTime(CLOCK_THREAD_CPUTIME_ID) + 0.3
        while processorTime(CLOCK_THREAD_CPUTIME_ID) < end {}
        let used = zip(idle.map(processorTime), before).map { $0 - $1 }
        #expect(used.allSatisfy { $0 < 0.03 }, "\(used) s")
    }

    private func processorTime(_ clock: clockid_t) -> Double {
        var time = timespec()
        clock_gettime(clock, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }

    @Test("threads that outnumber the processors, in all pools together, do not spin")
    func oversubscription() {
        let active = ActiveThreadCount(processors: 3)
        #expect(!active.isOversubscribed)
        let first = ThreadPool(threadCount: 2, active: active)
        let second = ThreadPool(threadCount: 2, active: active)
        let seen = Mutex<[Bool]>([])
        first.forEachThread { worker in
            guard worker == 0 else { return }
            second.forEachThread { worker in
                if worker == 0 { seen.withLock { $0.append(active.isOversubscribed) } }
            }
        }
        // The caller of both pools counts twice, for it is in two loops; a thread of each was active too.
        #expect(seen.withLock { $0 } == [true])
    }

    @Test("pinned threads run on one processor each, the caller too while it computes and no longer")
    func pinning() throws {
        let free = try #require(ProcessorSet.ofCallingThread).numbers
        let threads = min(2, free.count)
        let pool = try ThreadPool(pinnedThreadCount: threads)
        let sets = Mutex<[Int: Int]>([:])
        pool.withPinnedCaller {
            pool.forEachThread { worker in
                let places = ProcessorSet.ofCallingThread?.numbers ?? []
                sets.withLock { $0[worker] = places.count == 1 ? places[0] : nil }
            }
        }
        #expect(sets.withLock { $0 } == Dictionary(uniqueKeysWithValues: (0..<threads).map { ($0, free[$0]) }))
        #expect(ProcessorSet.ofCallingThread?.numbers == free)

        let error = #expect(throws: ComputeError.self) { try ThreadPool(pinnedThreadCount: free.count + 1) }
        #expect(error?.code == .invalidInput)
        #expect(error?.message.contains("\(free.count + 1) threads") == true)
    }

    @Test("several pools, and several callers of one, do not block each other")
    func manyCallers() async {
        let shared = ThreadPool(threadCount: 3)
        await withTaskGroup(of: Int.self) { group in
            for _ in 0..<6 {
                group.addTask {
                    let own = ThreadPool(threadCount: 2)
                    let total = Atomic<Int>(0)
                    for _ in 0..<200 {
                        shared.forEach(5) { item, _ in total.add(item, ordering: .relaxed) }
                        own.forEach(5) { item, _ in total.add(item, ordering: .relaxed) }
                    }
                    return total.load(ordering: .relaxed)
                }
            }
            for await total in group { #expect(total == 200 * 2 * 10) }
        }
    }
}

extension ThreadPool {
    /// Calls `body` on every thread, while all of them are in the loop.
    fileprivate func forEachThread(_ body: (_ worker: Int) -> Void) {
        let arrived = Atomic<Int>(0)
        func waitForAll(_ count: Int) {
            arrived.add(1, ordering: .sequentiallyConsistent)
            while arrived.load(ordering: .sequentiallyConsistent) < count { sched_yield() }
        }
        forEach(threadCount) { _, worker in
            waitForAll(threadCount)
            body(worker)
            waitForAll(2 * threadCount)
        }
    }
}
