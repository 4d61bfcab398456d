import Synchronization
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

    @Test("everything written in a loop is visible after it", arguments: [2, 3, 7])
    func visibility(threads: Int) {
        let pool = ThreadPool(threadCount: threads)
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
