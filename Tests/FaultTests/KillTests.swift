import Foundation
import Glibc
import TestSupport
import Testing

/// Processes that are killed at instants drawn at random.
@Suite("Kills of coordinator and workers", .serialized)
struct KillTests {
    private static let kills = 100
    private static let batches = 1200
    private static let names = ["a", "b"]

    @Test("a hundred kills lose nothing, change no bit, and let nothing be done again that was stored")
    func kills() async throws {
        let seed = Self.seed
        let comment: Comment = "MAE_TEST_SEED=\(seed) draws the same victims and pauses"
        print("seed of the kills: \(seed)")
        var chance = SplitMix(seed: seed)
        let site = try await FaultSite(batchSize: 2)
        let calm = try await site.calmRun(batches: Self.batches)
        var kills = 0
        var runs = 0
        while kills < Self.kills {
            runs += 1
            try await site.begin("disturbed-\(runs)", batches: Self.batches)
            for name in Self.names { try site.startWorker(name) }
            var books = Books()
            while kills < Self.kills {
                try await Task.sleep(for: .milliseconds(Int.random(in: 0...800, using: &chance)))
                // The coordinator as often as all workers together.
                let victim = Int.random(in: 0..<2 * Self.names.count, using: &chance)
                guard try site.coordinator.isRunning else { break }
                kills += 1
                if victim >= Self.names.count {
                    // What a reader sees now was on the disk before it was acknowledged, and is to be there afterwards.
                    try books.balance(site, comment)
                    try await site.kill(site.coordinator)
                    try books.balance(site, comment)
                    try site.resume()
                } else {
                    let worker = try site.worker(Self.names[victim])
                    try await site.kill(worker.process)
                    books.note(worker, comment)
                    try site.startWorker(worker.name)
                }
            }
            try await settle(site, comment)
            try books.balance(site, comment)
            try site.expectWhole(batches: Self.batches, like: calm, comment)
            try await site.dismiss()
        }
        #expect(kills == Self.kills)
    }

    /// Lets the run come to its end undisturbed.
    ///
    /// A batch that was under way at three kills counts as deadly and is set aside; carrying the run on gives it another chance.
    private func settle(_ site: FaultSite, _ comment: Comment) async throws {
        let result = try await site.coordinator.result()
        if result.exitCode == 2, result.errors.contains("given up on") { try site.resume() }
        try await site.finish(comment)
    }

    private static var seed: UInt64 {
        ProcessInfo.processInfo.environment["MAE_TEST_SEED"].flatMap { UInt64($0) } ?? .random(in: 0 ... .max)
    }
}

/// What was stored when the books were last balanced, to be compared with what is stored, and done, later.
private struct Books {
    private var stored: [StoredRow] = []

    /// Expects that a worker that ended did nothing that was stored when it began.
    func note(_ worker: FaultyWorker, _ comment: Comment) {
        #expect(Set(stored.map(\.place)).isDisjoint(with: worker.takeBegun()), comment)
    }

    /// Expects that everything stored is still there, and that none of it was done again.
    mutating func balance(_ site: FaultSite, _ comment: Comment) throws {
        let now = try site.results()
        #expect(Array(now.prefix(stored.count)) == stored, comment)
        for worker in site.workers.values { note(worker, comment) }
        stored = now
    }
}
