import MAECluster
import MAECoordinator
import MAEStore
import MAEWorker
import Synchronization
import TestSupport
import Testing

@Suite("Nodes that are slow or stand still")
struct SlowNodeTests {
    let site: Site
    let store: Store

    init() throws {
        site = try Site()
        store = try site.store()
    }

    @Test("another node computes batches of a slow one too, and what the slow one still answers is a vote more")
    func slowNode() async throws {
        try site.startWorker("fast-1")
        try site.startWorker("fast-2")
        let slow = LightRunner(.freezes)
        defer { slow.release() }
        try site.startWorker("slow", slow)
        var plan = Site.plan(batches: 18, workers: 3)
        plan.replicas = 2
        var options = site.options
        options.policy.shortestStraggler = .milliseconds(50)
        let coordinator = try site.coordinator(plan, store, options)
        async let running = onThread { try coordinator.run() }
        // It holds on to its first job until two others have computed the same batch.
        try await eventually("the others have done the work of the slow one") {
            guard let job = slow.first else { return false }
            let done = try store.results(of: "night").map(\.observation).filter {
                UInt64($0.batch.index) == job.batchIndex && $0.method.label == job.label
            }
            return done.count == 2
        }
        slow.release()
        let outcome = try await running
        #expect(outcome.summary.isComplete)
        let results = try store.results(of: "night").map(\.observation)
        let nodes = Dictionary(grouping: results) { "\($0.batch.index) \($0.method.label)" }
            .mapValues { Set($0.map(\.node.name)) }
        #expect(nodes.count == 36 && nodes.values.allSatisfy { $0.count >= 2 })
        #expect(nodes.values.contains(["fast-1", "fast-2", "slow"]))
    }

    @Test(
        "a computation without progress is revoked though heartbeats come, and another node does its work",
        arguments: [LightRunner.Habit.hangs, .freezes])
    func hungNode(habit: LightRunner.Habit) async throws {
        let hung = LightRunner(habit)
        defer { hung.release() }
        try site.startWorker("hung", hung)
        var options = site.options
        options.policy.heartbeatInterval = .milliseconds(50)
        // The helper's jobs take no time, and far less than this even where it has to wait for a processor.
        options.policy.stallTimeout = .seconds(6)
        options.metricsInterval = .milliseconds(50)
        let coordinator = try site.coordinator(Site.plan(workers: 1), store, options)
        let last = Mutex<RunMetrics?>(nil)
        let outcome = try await onThread { [site] in
            var wakes = 0
            return try coordinator.run(metrics: { metrics in
                last.withLock { $0 = metrics }
                // Only after some more heartbeats of the node that is stuck: if they set it free, it would get its jobs again.
                // Where fewer of them come in this time, less is shown.
                guard metrics.failedGrants["stalled"] != nil else { return }
                wakes += 1
                if wakes == 10 { _ = try? site.startWorker("helper") }
            })
        }
        // While the lease of the job that hangs was out, the run could not have finished.
        #expect(outcome.summary.isComplete && outcome.summary.ending == .finished)
        let results = try store.results(of: "night").map(\.observation)
        #expect(results.count == 4 && results.allSatisfy { $0.node.name == "helper" })
        let metrics = last.withLock { $0 }
        // Two to the node that hangs, which gets nothing else while it does; and all four to the other.
        #expect(metrics?.failedGrants == ["stalled": 2])
        #expect(metrics?.grants == 6)
    }
}
