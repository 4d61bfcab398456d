import Foundation
import Glibc
import Testing

/// Processes that stand still for longer than anybody waits for them.
@Suite("Suspended processes", .serialized)
struct SuspensionTests {
    private static let batches = 40
    /// Longer than the silence timeout of 10 s.
    private static let pause = Duration.seconds(13)

    @Test("a worker that is stopped is lost, and when it goes on, what it had in hand counts once at most")
    func stoppedWorker() async throws {
        let site = try await FaultSite(batchSize: 64)
        let calm = try await site.calmRun(batches: Self.batches)
        try await site.begin("stopped-worker", batches: Self.batches)
        try site.startWorker("a")
        try site.startWorker("b")
        let stopped = try site.worker("b")
        try await stopped.process.waitFor("computing batch 3,")
        stopped.process.send(signal: SIGSTOP)
        try await site.coordinator.waitFor("b is lost")
        try await Task.sleep(for: .seconds(2))
        stopped.process.send(signal: SIGCONT)
        try await site.finish()
        try site.expectWhole(batches: Self.batches, like: calm)
        let errors = try site.coordinator.errors
        #expect(errors.components(separatedBy: "b is in the cluster").count == 3, "\(errors)")
        try await site.dismiss()
    }

    @Test("a coordinator that is stopped holds the time against nobody, and no result is lost")
    func stoppedCoordinator() async throws {
        let site = try await FaultSite(batchSize: 64)
        let calm = try await site.calmRun(batches: Self.batches)
        try await site.begin("stopped-coordinator", batches: Self.batches)
        try site.startWorker("a")
        try site.startWorker("b")
        for worker in site.workers.values { try await worker.process.waitFor("computing batch 3,") }
        try site.coordinator.send(signal: SIGSTOP)
        try await Task.sleep(for: Self.pause)
        try site.coordinator.send(signal: SIGCONT)
        try await site.finish()
        try site.expectWhole(batches: Self.batches, like: calm)
        let errors = try site.coordinator.errors
        #expect(!errors.contains("is lost"), "\(errors)")
        try await site.dismiss()
    }
}
