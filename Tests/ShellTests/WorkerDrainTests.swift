import Glibc
import MAECoordinator
import MAEStore
import MAEWorker
import TestSupport
import Testing
import ZeroMQ

@Suite("A worker that a signal ends", .serialized)
struct WorkerDrainTests {
    /// Runs a worker until it has left; the first job that it begins is followed by a signal, and then by `afterwards`.
    private func run(
        _ worker: WorkerShell, _ runner: LightRunner, afterwards: @escaping @Sendable () -> Void
    ) async throws {
        try await onThread {
            // The signal is this thread's own, so that no other one has to block it.
            let signals = try SignalWatch([SIGUSR2])
            var isRaised = false
            try worker.run(signals: signals) {
                guard runner.begun > 0, !isRaised else { return }
                isRaised = true
                raise(SIGUSR2)
                afterwards()
            }
        }
    }

    @Test("hands in the job that it had in hand, gives back what waited, and ends")
    func finishes() async throws {
        let site = try Site()
        let runner = LightRunner(.freezes)
        let store = try site.store()
        let coordinator = try site.coordinator(Site.plan(batches: 4, workers: 1), store)
        async let outcome = onThread { try coordinator.run() }
        let worker = try site.worker("leaving", runner)
        let releaser = Releaser(site, runner)
        try await run(worker, runner) { releaser.start() }
        #expect(runner.begun == 1 && runner.cancelled == 0)
        try site.startWorker("staying")
        let summary = try await outcome.summary
        #expect(summary.isComplete)
        let results = try store.results(of: "night").map(\.observation.node.name)
        #expect(results.count { $0 == "leaving" } == 1)
    }

    @Test("gives the job back that does not end in time")
    func overdue() async throws {
        let site = try Site()
        let runner = LightRunner(.neverEnds)
        let store = try site.store()
        let coordinator = try site.coordinator(Site.plan(batches: 1, workers: 1), store)
        async let outcome = onThread { try coordinator.run() }
        try await run(try site.worker("leaving", runner, grace: .milliseconds(50)), runner) {}
        #expect(runner.begun == 1 && runner.cancelled == 1)
        try site.startWorker("staying")
        #expect(try await outcome.summary.isComplete)
        #expect(try store.results(of: "night").allSatisfy { $0.observation.node.name == "staying" })
    }

    /// Lets the jobs go on once the worker has said that it finishes one.
    private final class Releaser: Sendable {
        private let site: Site
        private let runner: LightRunner

        init(_ site: Site, _ runner: LightRunner) {
            self.site = site
            self.runner = runner
        }

        func start() {
            let (site, runner) = (site, runner)
            Task {
                try await eventually("the worker finishes first") { site.lines.contain("finishing the job in hand") }
                runner.release()
            }
        }
    }
}
