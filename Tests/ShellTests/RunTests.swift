import MAECluster
import MAECoordinator
import MAEDomain
import MAEStore
import MAEVerify
import MAEWorker
import Synchronization
import TestSupport
import Testing
import ZeroMQ

@Suite("Runs with real sockets")
struct RunTests {
    let site: Site
    let store: Store

    init() throws {
        site = try Site()
        store = try site.store()
    }

    @Test("two workers answer every shard, and each answer is in the store")
    func twoWorkers() async throws {
        try site.startWorker("a")
        try site.startWorker("b")
        let coordinator = try site.coordinator(Site.plan(batches: 3), store)
        let outcome = try await onThread { try coordinator.run() }
        #expect(outcome.summary.isComplete && outcome.failures.isEmpty && !outcome.isInterrupted)
        let results = try store.results(of: "night").map(\.observation)
        #expect(results.count == 12)
        #expect(Set(results.map(\.cell)).count == 12)
        #expect(Set(results.map(\.batch.seed)) == [42, 43, 44])
        // The list of weights is sent until one has come from the node for the method.
        for node in ["a", "b"] {
            for method in ["pretrained", "state-dict"] {
                let cells = results.filter { $0.node.name == node && $0.method.label == method }
                #expect(cells.contains { $0.weights.fingerprints?.count == 1 })
            }
        }
    }

    @Test("with replicas, each batch goes to so many nodes, by every method, and every two nodes share one")
    func replicas() async throws {
        for name in ["a", "b", "c"] { try site.startWorker(name) }
        var plan = Site.plan(batches: 6, workers: 3)
        plan.replicas = 2
        let progress = Mutex<RunProgress?>(nil)
        let coordinator = try site.coordinator(plan, store)
        let outcome = try await onThread {
            try coordinator.run { latest in progress.withLock { $0 = latest } }
        }
        #expect(outcome.summary.isComplete)
        #expect(progress.withLock { $0 }?.total == 24)
        let results = try store.results(of: "night").map(\.observation)
        #expect(results.count == 24)
        let blocks = Dictionary(grouping: results, by: \.batch.index).mapValues { Set($0.map(\.node.name)) }
        #expect(blocks.count == 6 && blocks.values.allSatisfy { $0.count == 2 })
        #expect(Set(blocks.values).count == 3)
        #expect(try store.run("night").plan.replicas == 2)
        // A coordinator that carries the run on places the batches the same way, and finds nothing left to do.
        let again = try Coordinator(
            resuming: "night", options: site.options, store: store, context: site.context, log: site.log)
        let second = try await onThread { try again.run() }
        #expect(second.summary.isComplete)
        #expect(try store.results(of: "night").count == 24)
    }

    @Test("a coordinator that starts late finds its worker waiting, and a second one too")
    func lateCoordinator() async throws {
        let runner = LightRunner()
        try site.startWorker("a", runner)
        for (name, total) in [("first", 4), ("second", 8)] {
            var plan = Site.plan(workers: 1)
            plan.run = name
            let coordinator = try site.coordinator(plan, store)
            let outcome = try await onThread { try coordinator.run() }
            #expect(outcome.summary.isComplete)
            #expect(runner.begun == total)
        }
    }

    @Test("when results differ, the two sides run again until the first differing layer is named")
    func disagreement() async throws {
        try site.startWorker("a")
        try site.startWorker("b", LightRunner(.differs(fromLayer: 2)))
        let coordinator = try site.coordinator(Site.plan(batches: 1), store)
        let outcome = try await onThread { try coordinator.run() }
        #expect(outcome.summary.isComplete)
        let again = try store.results(of: "night").map(\.observation).filter { $0.attempt == 1 }
        #expect(again.map(\.node.name).sorted() == ["a", "b"])
        let layers = again.sorted { $0.cell < $1.cell }.compactMap(\.layers)
        #expect(try #require(layers.first).firstDifference(from: try #require(layers.last)) == .block(1))
        #expect(again.allSatisfy { $0.layernorm?.shape == [2, 3, 2] })
    }

    @Test("an input at fault is not tried again, and its failure reaches the outcome in words")
    func failure() async throws {
        let runner = LightRunner(
            .fails(JobFailure(code: "missing", message: "no such file", remedy: "copy it there", fault: .input)))
        try site.startWorker("a", runner)
        let coordinator = try site.coordinator(Site.plan(batches: 1, workers: 1), store)
        let outcome = try await onThread { try coordinator.run() }
        #expect(!outcome.summary.isComplete)
        #expect(
            outcome.failures.map(\.cell).sorted().map(\.description) == [
                "a, pretrained, batch 0", "a, state-dict, batch 0",
            ])
        #expect(outcome.failures.allSatisfy { $0.code == "bad-input" && $0.message == "no such file: copy it there" })
        #expect(runner.begun == 2)
    }

    @Test("a node whose result contradicts itself is not believed", arguments: LightRunner.Lie.allCases)
    func liar(lie: LightRunner.Lie) async throws {
        try site.startWorker("a", LightRunner(.lies(lie)))
        let coordinator = try site.coordinator(Site.plan(batches: 1, workers: 1), store)
        let outcome = try await onThread { try coordinator.run() }
        #expect(try store.results(of: "night").isEmpty)
        let reason =
            switch lie {
            case .vectors: "the node's pooled vectors are not those that it named by digest; check its memory"
            case .width: "the node's tokens are 2 wide, and the model that it names has a hidden_size of 3"
            case .unnamedWidth: "the node does not say what hidden_size its model has"
            case .weights: "the node's digests of single weights do not make the one of all weights; check its memory"
            }
        #expect(outcome.failures.allSatisfy { $0.message == reason }, "\(outcome.failures)")
        #expect(outcome.failures.count == 2)
    }

    @Test("stopping revokes what runs, leaves the run open and says what is missing")
    func interruption() async throws {
        let runner = LightRunner(.neverEnds)
        try site.startWorker("a", runner)
        let coordinator = try site.coordinator(Site.plan(batches: 1, workers: 1), store)
        let outcome = try await onThread {
            try coordinator.run(observer: { progress in
                if progress.nodes.contains(where: { $0.progress != nil }) { coordinator.stop() }
            })
        }
        #expect(outcome.isInterrupted)
        #expect(outcome.failures.count == 2)
        #expect(try store.run("night").ending == nil)
        // The worker stops computing for nobody: the next run finds it free.
        try await eventually("the job is cancelled") { runner.cancelled > 0 }
    }

    @Test("a run that was interrupted is carried on: only what is missing is done")
    func resumption() async throws {
        let first = LightRunner()
        let worker = try site.startWorker("a", first)
        let coordinator = try site.coordinator(Site.plan(workers: 2), store)
        _ = try await onThread {
            try coordinator.run(observer: { if $0.done == 4 { coordinator.stop() } })
        }
        worker.leave()
        let second = LightRunner()
        try site.startWorker("b", second)
        let resumed = try Coordinator(
            resuming: "night", options: site.options, store: store, context: site.context, log: site.log)
        let outcome = try await onThread { try resumed.run() }
        #expect(outcome.summary.isComplete)
        #expect((first.begun, second.begun) == (4, 4))
        #expect(try store.results(of: "night").count == 8)
    }

    @Test("a run that was stopped while it asked questions is carried on with nodes that come anew")
    func resumedQuestions() async throws {
        let honest = try site.startWorker("a")
        let other = try site.startWorker("b", LightRunner(.differs(fromLayer: 1)))
        let coordinator = try site.coordinator(Site.plan(batches: 1), store)
        _ = try await onThread {
            try coordinator.run(observer: { if $0.isFollowingUp { coordinator.stop() } })
        }
        honest.leave()
        other.leave()
        let resumed = try Coordinator(
            resuming: "night", options: site.options, store: store, context: site.context, log: site.log)
        let outcome = try await onThread { try resumed.run() }
        #expect(outcome.summary.isComplete && outcome.summary.ending == .finished)
        #expect(try store.results(of: "night").map(\.observation).filter { $0.attempt == 0 }.count == 4)
    }

    @Test("the deadline ends a run for which nobody came")
    func deadline() async throws {
        var options = site.options
        options.timeout = .milliseconds(50)
        let coordinator = try site.coordinator(Site.plan(batches: 1, workers: 1), store, options)
        let outcome = try await onThread { try coordinator.run() }
        #expect(outcome.summary.ending == .deadline)
        #expect(outcome.failures.count == 2 && !outcome.isInterrupted)
    }

    @Test("progress counts up to the total and names the endpoint")
    func progress() async throws {
        try site.startWorker("a")
        let coordinator = try site.coordinator(Site.plan(workers: 1), store)
        let seen = Mutex<[RunProgress]>([])
        _ = try await onThread { try coordinator.run(observer: { progress in seen.withLock { $0.append(progress) } }) }
        let last = try #require(seen.withLock { $0.last })
        #expect((last.done, last.total) == (4, 4))
        #expect(last.endpoint == site.endpoint)
        #expect(last.nodes.map(\.name) == ["a"] && last.nodes[0].results == 4)
        #expect(seen.withLock { $0.map(\.done) } == seen.withLock { $0.map(\.done).sorted() })
    }
}
