import Foundation
import MAECoordinator
import MAEDomain
import MAEStore
import MAEWire
import Synchronization
import TestSupport
import Testing

@Suite("Operating a run")
struct OperationsTests {
    let site: Site
    let store: Store

    init() throws {
        site = try Site()
        store = try site.store()
    }

    private func beside() throws -> Store { try Store(directory: store.directory, access: .ordering) }

    @Test("a node that is to be drained before it comes gets no job, and another takes its place")
    func drainedBefore() async throws {
        try beside().drain("b", at: Date())
        let idle = LightRunner()
        try site.startWorker("b", idle)
        try site.startWorker("a")
        let coordinator = try site.coordinator(Site.plan(), store)
        let isWaiting = Mutex(false)
        let outcome = try await onThread {
            try coordinator.run(observer: { progress in
                // Only when the drained one is there and all is done that one node can do, the third one comes.
                guard progress.done == 4, progress.nodes.contains(where: { $0.name == "b" && $0.isDraining }) else {
                    return
                }
                let isFirst = isWaiting.withLock { isWaiting in
                    defer { isWaiting = true }
                    return !isWaiting
                }
                if isFirst { _ = try? site.startWorker("c") }
            })
        }
        #expect(outcome.summary.isComplete)
        #expect(idle.begun == 0)
        #expect(outcome.summary.nodes.map(\.isDraining) == [false, true, false])
        let nodes = try store.nodes(of: "night")
        #expect(nodes.map(\.identity.name) == ["a", "b", "c"])
        #expect(nodes.map(\.status?.state) == [.present, .drained, .present])
        #expect(nodes.map(\.results) == [4, 0, 4])
        #expect(nodes.allSatisfy { $0.status?.heard != nil })
    }

    @Test("an order that is taken back during the run is noticed: the node gets its jobs")
    func undrained() async throws {
        try beside().drain("a", at: Date())
        try site.startWorker("a")
        let coordinator = try site.coordinator(Site.plan(workers: 1), store)
        let outcome = try await onThread {
            try coordinator.run(observer: { progress in
                guard progress.nodes.contains(where: \.isDraining) else { return }
                _ = try? beside().undrain("a")
            })
        }
        #expect(outcome.summary.isComplete)
        #expect(try store.nodes(of: "night").map(\.status?.state) == [.present])
    }

    @Test("an order that comes during the run is noticed, and the run says who was missing")
    func drainedMeanwhile() async throws {
        let runner = LightRunner(.neverEnds)
        try site.startWorker("a", runner)
        let coordinator = try site.coordinator(Site.plan(workers: 1), store)
        let wasDraining = Mutex(false)
        let outcome = try await onThread {
            try coordinator.run(observer: { progress in
                guard let node = progress.nodes.first, node.job != nil else { return }
                // The job goes on, and with it the run, until it is stopped.
                if node.isDraining {
                    wasDraining.withLock { $0 = true }
                    coordinator.stop()
                }
                _ = try? beside().drain("a", at: Date())
            })
        }
        #expect(wasDraining.withLock { $0 })
        #expect(outcome.isInterrupted)
        #expect(runner.begun == 1, "what waited was taken back")
        #expect(outcome.failures.count { $0.code == "drained" } >= 3)
    }

    @Test("nodes that left are told from those that were lost")
    func left() async throws {
        let worker = try site.startWorker("a")
        let coordinator = try site.coordinator(Site.plan(batches: 1), store)
        _ = try await onThread {
            try coordinator.run(observer: { progress in
                if progress.done == 2 { worker.leave() }
                if progress.nodes.contains(where: { !$0.isPresent }) { coordinator.stop() }
            })
        }
        #expect(try store.nodes(of: "night").map(\.status?.state) == [.left])
    }

    @Test("figures are handed out at the beginning and at the end")
    func metrics() async throws {
        let coordinator = try site.coordinator(Site.plan(batches: 3), store)
        let seen = Mutex<[RunMetrics]>([])
        _ = try await onThread {
            try coordinator.run(metrics: { metrics in
                seen.withLock { $0.append(metrics) }
                // Not before the first figures, which would tell of them.
                for name in ["a", "b"] where seen.withLock({ $0.count == 1 }) { _ = try? site.startWorker(name) }
            })
        }
        let first = try #require(seen.withLock { $0.first })
        #expect(first.isActive && first.results == 0 && first.nodes == [:])
        let last = try #require(seen.withLock { $0.last })
        #expect(!last.isActive && last.run == "night")
        #expect(last.nodes == [.present: 2])
        #expect(last.nodeResults == ["a": 6, "b": 6])
        #expect((last.shards, last.shardsDone, last.shardsSetAside) == (6, 6, 0))
        #expect((last.results, last.resultsWanted, last.resultsStored) == (12, 12, 12))
        #expect((last.grants, last.repeatedGrants, last.spares) == (12, 0, 0))
        #expect(last.commits.count > 0 && last.commits.sum > 0)
        #expect(
            last.queues == [
                .resultsToStore: 0, .chunkRequests: 0, .chunksInFlight: 0, .messagesHeldUp: 0, .jobsOut: 0,
            ])
    }

    @Test("what a node says of the job of another is not shown")
    func foreignProgress() async throws {
        let coordinator = try site.coordinator(Site.plan(batches: 1), store)
        let steps = Mutex<Set<UInt64>>([])
        async let outcome = onThread {
            try coordinator.run { progress in
                let shown = progress.nodes.first { $0.name == "a" }?.progress
                if let shown { steps.withLock { _ = $0.insert(shown.step) } }
            }
        }
        try await onThread { [site] in
            let (a, b) = (
                try RawPeer(connectingTo: site.endpoint, site.context),
                try RawPeer(connectingTo: site.endpoint, site.context)
            )
            try a.join("a")
            try b.join("b")
            let job = try a.awaitJob()
            func say(_ peer: RawPeer, _ step: UInt64) throws {
                let progress = JobProgress(lease: job.lease, stage: .forward, step: step, of: 12)
                try peer.send(.heartbeat(Heartbeat(progress: progress)))
            }
            // In a session that there is not, in that of the node, then as another node.
            let stranger = try RawPeer(connectingTo: site.endpoint, site.context)
            for session in [1, a.session] {
                stranger.session = session
                try say(stranger, 5)
                _ = try stranger.awaitReject()
            }
            try say(b, 6)
            try b.await { if case .heartbeat = $0.body { true } else { nil } }
            try say(a, 7)
            try blockUntil("progress of a is shown") { !steps.withLock(\.isEmpty) }
            coordinator.stop()
        }
        #expect(steps.withLock(\.self) == [7])
        _ = try await outcome
    }

    @Test("jobs that fail are counted by cause, and so are those handed out again")
    func failures() async throws {
        try site.startWorker("a", LightRunner(.lies()))
        let coordinator = try site.coordinator(Site.plan(batches: 1, workers: 1), store)
        let seen = Mutex<RunMetrics?>(nil)
        _ = try await onThread { try coordinator.run(metrics: { metrics in seen.withLock { $0 = metrics } }) }
        let last = try #require(seen.withLock { $0 })
        #expect(last.failedGrants == ["failed": 6])
        #expect((last.grants, last.repeatedGrants) == (6, 4))
        #expect((last.shards, last.shardsDone, last.shardsSetAside) == (2, 0, 2))
    }
}
