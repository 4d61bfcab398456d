import Foundation
import Glibc
import MAEDomain
import MAEVerify
import Synchronization
import TestSupport
import Testing

@testable import MAEAlarms

@Suite("Runs of one series, and what was told of them")
struct RunSeriesTests {
    private func plan(_ name: String, seed: UInt64 = 1, path: String = "/models/a") -> RunPlan {
        RunPlan(
            run: name, seed: seed, batches: 1, batchSize: 8,
            methods: [LoadingMethod(kind: .pretrained, label: "pretrained", path: path)], workers: 2)
    }

    @Test("the part of a name before a date names a series; times and numbers are no dates")
    func names() {
        for (name, part) in [
            ("night-2026-01-31", "night"), ("night-20260131", "night"), ("night 2026-01-31 again", "night"),
            ("a-b_2026-01-31T02", "a-b"), ("2026-01-31", nil), ("night", nil), ("night-1234567890", nil),
            ("night-2026", nil),
        ] { #expect(RunSeries.partBeforeDate(name) == part, "\(name)") }
    }

    @Test("nights are of one series whatever they verify; other runs when they verify the same")
    func series() {
        #expect(RunSeries(plan("night-2026-01-30")) == RunSeries(plan("night-2026-01-31", seed: 2)))
        #expect(RunSeries(plan("night-2026-01-30")) != RunSeries(plan("day-2026-01-30")))
        #expect(RunSeries(plan("run-20260130-020000-aaaa")) == RunSeries(plan("run-20260131-020000-bbbb")))
        #expect(RunSeries(plan("x")) == RunSeries(plan("y")))
        #expect(RunSeries(plan("x")) != RunSeries(plan("x", seed: 2)))
        #expect(RunSeries(plan("x")) != RunSeries(plan("x", path: "/models/b")))
    }

    @Test("what was told is found again by the next process, each series by itself")
    func memory() throws {
        let folder = try TemporaryDirectory()
        let (nights, days) = (RunSeries(plan("night-2026-01-30")), RunSeries(plan("day-2026-01-30")))
        let memory = AlarmMemory(store: folder.file("store"))
        #expect(memory.told(of: nights) == nil)
        try memory.remember("disagree", after: "night-2026-01-30", of: nights, at: Date())
        try memory.remember(nil, after: "day-2026-01-30", of: days, at: Date())
        let again = AlarmMemory(store: folder.file("store"))
        #expect(again.told(of: nights) == AlarmMemory.Told(verdict: "disagree"))
        #expect(again.told(of: days) == AlarmMemory.Told(verdict: nil))
    }

    @Test("the memory keeps the series told of last, and one that is no memory is empty and written over")
    func limits() throws {
        let folder = try TemporaryDirectory()
        let memory = AlarmMemory(store: folder.path)
        for text in ["", "[", "{\"name:night\": 1}", "\u{0}"] {
            _ = try folder.write("alarms.json", Array(text.utf8))
            #expect(memory.told(of: RunSeries(plan("night-2026-01-30"))) == nil, "\(text)")
        }
        let entries = (0..<AlarmMemory.capacity).map { number in
            let day = String(format: "2020-01-01T00:%02d:%02dZ", number / 60, number % 60)
            return "\"name:n\(number)\": {\"verdict\": \"agree\", \"run\": \"r\", \"time\": \"\(day)\"}"
        }
        _ = try folder.write("alarms.json", Array("{\(entries.joined(separator: ","))}".utf8))
        #expect(memory.told(of: RunSeries(plan("n0-2026-01-30"))) != nil)
        try memory.remember("agree", after: "night", of: RunSeries(plan("night-2026-01-30")), at: Date())
        #expect(memory.told(of: RunSeries(plan("n0-2026-01-30"))) == nil)
        #expect(memory.told(of: RunSeries(plan("n1-2026-01-30"))) != nil)
        #expect(memory.told(of: RunSeries(plan("night-2026-01-30"))) != nil)
    }

    /// How many do something at once.
    private final class Gauge: Sendable {
        private let count = Mutex(0)

        func enter() -> Int {
            count.withLock {
                $0 += 1
                return $0
            }
        }

        func leave() { count.withLock { $0 -= 1 } }
    }

    @Test("several that tell alarms of one store at once take turns, and nothing that one remembers is lost")
    func turns() async throws {
        let folder = try TemporaryDirectory()
        let store = folder.file("store")
        let all = (0..<8).map { RunSeries(plan("n\($0)-2026-01-30")) }
        let gauge = Gauge()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for series in all {
                group.addTask { [gauge] in
                    try await onThread {
                        let memory = AlarmMemory(store: store)
                        memory.exclusively(for: .seconds(100_000)) {
                            #expect(gauge.enter() == 1)
                            usleep(20_000)
                            #expect(throws: Never.self) {
                                try memory.remember("agree", after: nil, of: series, at: Date())
                            }
                            gauge.leave()
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
        let memory = AlarmMemory(store: store)
        for series in all { #expect(memory.told(of: series) != nil, "\(series.key)") }
    }

    @Test("one that holds the store for too long, or haste, keeps no alarm from being told")
    func notForEver() throws {
        let folder = try TemporaryDirectory()
        let memory = AlarmMemory(store: folder.path)
        var told = 0
        memory.exclusively(for: .seconds(100_000)) {
            memory.exclusively(for: .milliseconds(100)) { told += 1 }
            memory.exclusively(for: .seconds(100_000), isHasty: { true }) { told += 1 }
        }
        #expect(told == 2)
    }

    @Test("a folder that everyone may write to is no memory")
    func openFolder() throws {
        let folder = try TemporaryDirectory()
        try #require(chmod(folder.path, 0o777) == 0)
        let memory = AlarmMemory(store: folder.path)
        #expect(throws: (any Error).self) {
            try memory.remember("agree", after: nil, of: RunSeries(plan("night")), at: Date())
        }
        #expect(!FileManager.default.fileExists(atPath: folder.file("alarms.json")))
    }
}
