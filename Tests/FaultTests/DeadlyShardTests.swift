import Foundation
import Glibc
import TestSupport
import Testing

/// Workers that die of one batch.
@Suite("A batch that ends every process", .serialized)
struct DeadlyShardTests {
    @Test("after three deaths on two nodes the batch is set aside with its cause, and the others complete")
    func deadlyBatch() async throws {
        let (batches, deadly) = (6, 3)
        // Many images, for the batch to take far longer than it takes to see in a log that it was begun.
        let site = try await FaultSite(batchSize: 4096)
        try await site.begin("deadly", batches: batches)
        let names = ["a", "b"]
        for name in names { try site.startWorker(name) }
        var deaths: [String: Int] = [:]
        // No hook in the product: whoever says that it computes the batch is killed and started again, as by a supervisor.
        try await eventually("the run ends", every: .milliseconds(2)) {
            for name in names where try site.worker(name).begun.contains(deadly) {
                let process = try site.worker(name).process
                process.send(signal: SIGKILL)
                deaths[name, default: 0] += 1
                try site.startWorker(name)
            }
            return try !site.coordinator.isRunning
        }
        let result = try await site.coordinator.result()
        #expect(result.exitCode == 2, "\(result.output)\(result.errors)")
        // The third death is counted when the node comes back; the other may be at the batch again by then. And a node may be
        // killed before the result of the batch before has left: then that batch is the one that it seems to have died of.
        #expect((3...6).contains(deaths.values.reduce(0, +)) && deaths.count == 2, "\(deaths)")
        #expect(result.errors.contains("batch \(deadly) by pretrained is given up on every node"), "\(result.errors)")
        #expect(result.output.contains("batch \(deadly)"), "\(result.output)")
        let places = try site.results().map(\.place)
        #expect(places.count == (batches - 1) * 2 && places.allSatisfy { $0.batch != deadly })
        try await site.dismiss()
    }
}
