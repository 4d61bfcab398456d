import Foundation
import Glibc
import TestSupport
import Testing

/// Processes that stand still for longer than anybody waits for them.
@Suite("Suspended processes", .serialized)
struct SuspensionTests {
    private static let batches = 40

    @Test("a worker that is stopped is lost, and when it goes on, what it had in hand counts once at most")
    func stoppedWorker() async throws {
        let site = try await FaultSite(batchSize: 64)
        let calm = try await site.calmRun(batches: Self.batches)
        // The third node comes last: the run cannot be over before.
        try await site.begin("stopped-worker", batches: Self.batches, nodes: 3)
        try site.startWorker("a")
        try site.startWorker("b")
        let stopped = try site.worker("b")
        try await stopped.process.waitFor("computing batch 3,")
        stopped.process.send(signal: SIGSTOP)
        try await site.coordinator.waitFor("b is lost")
        stopped.process.send(signal: SIGCONT)
        try await site.waitForReturn(of: "b")
        try await site.finish(with: "c")
        try site.expectWhole(batches: Self.batches, nodes: 3, like: calm)
        let errors = try site.coordinator.errors
        #expect(errors.components(separatedBy: "b is in the cluster").count == 3, "\(errors)")
        try await site.dismiss()
    }

    @Test("a worker that is stopped three times over one batch, and lives on, has not failed at it")
    func stoppedAgain() async throws {
        // Many images, for the batch to take far longer than it takes to see in a log that it was begun.
        let site = try await FaultSite(batchSize: 4096)
        // The second node comes last: the run cannot be over before.
        try await site.begin("stopped-again", batches: 2)
        try site.startWorker("a")
        let worker = try site.worker("a")
        func isTold(_ text: String, _ times: Int) throws -> Bool {
            try site.coordinator.errors.components(separatedBy: text).count > times
        }
        for round in 1...3 {
            try await eventually("a begins a batch", every: .milliseconds(2)) { worker.begun.count >= round }
            worker.process.send(signal: SIGSTOP)
            try await eventually("a is lost") { try isTold("a is lost", round) }
            worker.process.send(signal: SIGCONT)
            try await eventually("a is back") { try isTold("a is in the cluster", round + 1) }
        }
        try await site.finish(with: "b")
        let errors = try site.coordinator.errors
        #expect(!errors.contains("given up"), "\(errors)")
        #expect(try site.results().count == 4)
        try await site.dismiss()
    }

    @Test("a coordinator that is stopped holds the time against nobody, and no result is lost")
    func stoppedCoordinator() async throws {
        let site = try await FaultSite(batchSize: 64)
        let calm = try await site.calmRun(batches: Self.batches)
        // The third node comes last: the run cannot be over before.
        try await site.begin("stopped-coordinator", batches: Self.batches, nodes: 3)
        try site.startWorker("a")
        try site.startWorker("b")
        for worker in site.workers.values { try await worker.process.waitFor("computing batch 3,") }
        let complaints = site.workers.mapValues(\.complaints)
        try site.coordinator.send(signal: SIGSTOP)
        // A worker gives it up after the silence for which a coordinator that ran would have lost the worker.
        for worker in site.workers.values {
            try await eventually("\(worker.name) gives the coordinator up") {
                worker.complaints > complaints[worker.name, default: 0]
            }
        }
        try site.coordinator.send(signal: SIGCONT)
        try await site.finish(with: "c")
        try site.expectWhole(batches: Self.batches, nodes: 3, like: calm)
        let errors = try site.coordinator.errors
        #expect(!errors.contains("is lost"), "\(errors)")
        try await site.dismiss()
    }
}
