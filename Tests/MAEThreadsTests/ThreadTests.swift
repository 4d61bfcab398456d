import Foundation
import MAEThreads
import Synchronization
import Testing

@Suite("Threads, monitors and shared loops")
struct ThreadTests {
    private struct Failure: Error {}

    /// Names of all threads of this process.
    private static func names() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: "/proc/self/task").compactMap { task in
            // A thread may end meanwhile.
            try? String(contentsOfFile: "/proc/self/task/\(task)/comm", encoding: .utf8)
                .trimmingCharacters(in: .newlines)
        }
    }

    @Test("a running thread shows its name, cut to what Linux keeps of it, until it is joined")
    func name() throws {
        let isReleased = Monitor(false)
        let hasBegun = Monitor(false)
        let thread = try NamedThread("mae-a-name-too-long") {
            hasBegun.change { $0 = true }
            isReleased.wait { $0 ? () : nil }
        }
        hasBegun.wait { $0 ? () : nil }
        #expect(try Self.names().contains("mae-a-name-too-"))
        isReleased.change { $0 = true }
        try thread.join()
        #expect(try !Self.names().contains("mae-a-name-too-"))
    }

    @Test("what a thread throws reaches the one that joins it, each time")
    func failure() throws {
        let thread = try NamedThread("mae-test") { throw Failure() }
        for _ in 0..<2 { #expect(throws: Failure.self) { try thread.join() } }
    }

    @Test("a thread that its owner forgets has ended when the owner is gone")
    func forgotten() throws {
        let rounds = Monitor(0)
        do {
            let thread = try NamedThread("mae-test") { for _ in 0..<1000 { rounds.change { $0 += 1 } } }
            withExtendedLifetime(thread) {}
        }
        #expect(rounds.withLock { $0 } == 1000)
    }

    @Test("a monitor wakes threads that wait for a change, and gives up after the limit")
    func monitor() throws {
        let value = Monitor(0)
        #expect(value.wait(atMost: .milliseconds(1)) { $0 > 0 ? $0 : nil } == nil)
        let thread = try NamedThread("mae-test") { value.change { $0 = 7 } }
        #expect(value.wait(atMost: .seconds(300)) { $0 > 0 ? $0 : nil } == 7)
        #expect(value.wait { $0 > 0 ? $0 : nil } == 7)
        try thread.join()
    }

    @Test("each number of a loop is taken once, with any count of threads", arguments: [0, 1, 2, 7, 1000])
    func loop(count: Int) {
        for threads in [1, 2, 5, 64] {
            let taken = Mutex([Int](repeating: 0, count: count))
            ParallelLoop.run("mae-test", count: count, threads: threads) { number in
                taken.withLock { $0[number] += 1 }
            }
            #expect(taken.withLock { $0 } == [Int](repeating: 1, count: count))
        }
    }
}
