import Foundation
import GRDB
import Glibc
import ProcessTestSupport
import TestSupport
import Testing

/// What a person does to a coordinator.
@Suite("Signals at any moment, and stores of others", .serialized)
struct InterruptionTests {
    @Test("Ctrl-C and SIGTERM, wherever the coordinator is, end it, and the run is carried on to its end")
    func signals() async throws {
        let batches = 300
        let site = try await FaultSite(batchSize: 2)
        let calm = try await site.calmRun(batches: batches)
        var chance = SplitMix(seed: 7)
        // The third node comes last: until then only a signal can end the run.
        try await site.begin("signals", batches: batches, nodes: 3)
        for name in ["a", "b"] { try site.startWorker(name) }
        var stored: [StoredRow] = []
        for round in 0..<12 {
            try await Task.sleep(for: .milliseconds(Int.random(in: 0...400, using: &chance)))
            let signal = round.isMultiple(of: 2) ? SIGINT : SIGTERM
            try site.coordinator.send(signal: signal)
            let result = try await site.coordinator.result()
            // Incomplete, nothing compared yet, or ended before it could catch a signal.
            #expect([2, 3, -signal].contains(result.exitCode), "\(result.output)\(result.errors)")
            let now = try site.results()
            #expect(Array(now.prefix(stored.count)) == stored)
            stored = now
            try site.resume()
        }
        try await site.finish(with: "c")
        try site.expectWhole(batches: batches, nodes: 3, like: calm)
        try await site.dismiss()
    }

    @Test("a store of a newer version is refused with exit code 65, and nothing is written to it")
    func newerStore() async throws {
        let site = try await FaultSite(batchSize: 2)
        _ = try await site.calmRun(batches: 1)
        let file = site.store + "/mae.sqlite"
        try await DatabaseQueue(path: file).write {
            try $0.execute(sql: "INSERT INTO grdb_migrations VALUES ('99 things to come')")
        }
        let before = try Data(contentsOf: URL(fileURLWithPath: file))
        try site.resume()
        let result = try await site.coordinator.result()
        #expect(result.exitCode == 65 && result.errors.contains("newer version"), "\(result.errors)")
        #expect(try Data(contentsOf: URL(fileURLWithPath: file)) == before)
    }
}
