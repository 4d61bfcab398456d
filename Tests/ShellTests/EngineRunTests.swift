import ComputeTestSupport
import Foundation
import MAECPU
import MAECluster
import MAEDomain
import MAEEngine
import MAEStore
import MAETensor
import MAEVerify
import MAEWire
import Synchronization
import TestSupport
import Testing

@testable import MAEWorker

@Suite("Runs with the real engine")
struct EngineRunTests {
    let site: Site
    let store: Store

    init() throws {
        site = try Site()
        store = try site.store()
    }

    @Test("three ways of loading agree bit for bit on nodes with different instruction sets")
    func agreement() async throws {
        try site.startWorker("fast", EngineRunner(try Engine(EngineOptions(threads: 2))))
        try site.startWorker("plain", EngineRunner(try Engine(EngineOptions(instructionSet: .scalar, threads: 1))))
        let plan = RunPlan(
            run: "night", seed: 42, batches: 2, batchSize: 2,
            methods: [
                LoadingMethod(kind: .pretrained, label: "hub", path: Goldens.path("checkpoints/hub5")),
                LoadingMethod(kind: .full, label: "full", path: Goldens.path("checkpoints/full5.pth")),
                LoadingMethod(
                    kind: .stateDict, label: "state", path: Goldens.path("checkpoints/state5.pth"),
                    configPath: Goldens.path("checkpoints/hub5")),
            ], workers: 2)
        let coordinator = try site.coordinator(plan, store)
        let outcome = try await onThread { try coordinator.run() }
        #expect(outcome.failures.isEmpty)
        let observations = try store.results(of: "night").map(\.observation)
        #expect(observations.count == 12)
        #expect(observations.allSatisfy { $0.attempt == 0 })
        #expect(Set(observations.map(\.weights.digest)).count == 1)
        #expect(Set(observations.map { [$0.digests.layernorm, $0.digests.pooled] }).count == 2)
        let origins = Dictionary(grouping: observations, by: \.method.kind).mapValues { $0[0].maskRatio.origin }
        #expect(origins == [.pretrained: .configJSON, .full: .pickledConfig, .stateDict: .configOption])
        #expect(
            observations.allSatisfy { $0.configuration.contains { $0.name == "hidden_size" && Int($0.value) != nil } })
    }

    @Test(
        "a result that agrees takes less than 2 kB on the wire beside the pooled vectors",
        arguments: GoldenMethods.all)
    func size(method: LoadingMethod.Kind, checkpoint: String) throws {
        let runner = EngineRunner(try Engine(EngineOptions(threads: 1)))
        var job = job(checkpoint)
        job.method = method
        if method == .stateDict { job.configuration = Goldens.path("checkpoints/hub5") }
        let completed = try runner.run(job, control: ShardControl(report: { _ in }, isCancelled: { false }))
        #expect(completed.weights.fingerprints == nil && completed.layernorm == nil)
        #expect(completed.layers?.states.count == 3)
        let frames = try Envelope(
            session: .max, incarnation: .max,
            .result(ShardResult(lease: job.lease, outcome: .completed(completed)))
        ).frames()
        #expect(frames.count == 2)
        #expect(frames[0].count < 2000, "\(frames[0].count) bytes")
    }

    private enum GoldenMethods {
        static let all: [(LoadingMethod.Kind, String)] = [
            (.pretrained, "checkpoints/hub5"), (.full, "checkpoints/full5.pth"), (.stateDict, "checkpoints/state5.pth"),
        ]
    }

    private func job(_ checkpoint: String, batchSize: Int = 1) -> JobRequest {
        JobRequest(
            lease: Lease(id: LeaseID(rawValue: 0), epoch: Epoch(rawValue: 1)), run: "r", shard: 0, method: .pretrained,
            label: "hub",
            checkpoint: Goldens.path(checkpoint), batchIndex: 0, seed: 42, batchSize: batchSize)
    }

    @Test("a runner tells the layer it computes, and stops before the next one when nobody wants the result")
    func layers() throws {
        let runner = EngineRunner(try Engine(EngineOptions(threads: 1)))
        let layers = Mutex<[String]>([])
        let report: @Sendable (ShardPlace) -> Void = { place in
            layers.withLock { if let layer = place.layer, layer != $0.last { $0.append(layer) } }
        }
        _ = try runner.run(
            job("checkpoints/hub5"), control: ShardControl(report: report, isCancelled: { false }))
        let all = layers.withLock { $0 }
        #expect(all.prefix(3) == ["vit.embeddings", "vit.encoder.layer.0", "vit.encoder.layer.1"])
        #expect(all.last == "vit.layernorm")

        layers.withLock { $0 = [] }
        #expect(throws: CancellationError.self) {
            _ = try runner.run(
                job("checkpoints/hub5"),
                control: ShardControl(
                    report: report, isCancelled: { layers.withLock { $0.last == "vit.encoder.layer.0" } }))
        }
        #expect(layers.withLock { $0 } == ["vit.embeddings", "vit.encoder.layer.0"])
    }

    @Test("a batch that the node cannot hold is the node's fault, with what it would take")
    func tooLarge() throws {
        let runner = EngineRunner(try Engine(EngineOptions(threads: 1)))
        let error = #expect(throws: JobFailure.self) {
            _ = try runner.run(
                job("checkpoints/hub5", batchSize: 1 << 50),
                control: ShardControl(report: { _ in }, isCancelled: { false }))
        }
        #expect(error?.fault == .node)
        #expect(error?.code == "outOfMemory")
        #expect(error?.message.contains("TiB of memory") == true)
    }

    @Test("a model without room is loaded in the place of those that are kept")
    func roomForOneModel() throws {
        let runner = EngineRunner(try Engine(NarrowBackend(parameters: 1)))
        let control = ShardControl(report: { _ in }, isCancelled: { false })
        let digests = try ["checkpoints/hub5", "checkpoints/hub4", "checkpoints/hub5"].map {
            try runner.run(job($0), control: control).digests
        }
        #expect(digests[0] == digests[2])
    }

    @Test(
        "a model is loaded again when its file was written to, and not when it was linked or closed to others"
    )
    func changedFile() throws {
        let file = site.folder.file("model.pth")
        try FileManager.default.copyItem(atPath: Goldens.path("checkpoints/state5.pth"), toPath: file)
        let runner = EngineRunner(try Engine(EngineOptions(threads: 1)))
        let loads = Atomic<Int>(0)
        let control = ShardControl(
            report: { if $0.stage == .loading, $0.step == 0 { loads.add(1, ordering: .relaxed) } },
            isCancelled: { false })
        func loadsAfter(_ change: () -> Bool) throws -> Int {
            #expect(change())
            let before = loads.load(ordering: .relaxed)
            let job = JobRequest(
                lease: Lease(id: LeaseID(rawValue: 0), epoch: Epoch(rawValue: 1)), run: "r", shard: 0,
                method: .stateDict, label: "state", checkpoint: file, configuration: Goldens.path("checkpoints/hub5"),
                batchIndex: 0, seed: 42, batchSize: 1)
            _ = try runner.run(job, control: control)
            return loads.load(ordering: .relaxed) - before
        }
        #expect(try loadsAfter { true } > 0)
        #expect(try loadsAfter { link(file, file + ".second") == 0 } == 0)
        #expect(try loadsAfter { chmod(file, 0o600) == 0 } == 0)
        let bytes = try Data(contentsOf: URL(fileURLWithPath: file))
        #expect(try loadsAfter { (try? bytes.write(to: URL(fileURLWithPath: file))) != nil } > 0)
    }

    @Test("a checkpoint that is not there fails as an input, naming the file")
    func missingFile() throws {
        let runner = EngineRunner(try Engine(EngineOptions(threads: 1)))
        let job = JobRequest(
            lease: Lease(id: LeaseID(rawValue: 0), epoch: Epoch(rawValue: 1)), run: "r", shard: 0, method: .full,
            label: "full",
            checkpoint: "/no/such/file.pth", batchIndex: 0, seed: 42, batchSize: 1)
        let error = #expect(throws: JobFailure.self) {
            _ = try runner.run(job, control: ShardControl(report: { _ in }, isCancelled: { false }))
        }
        #expect(error?.fault == .input)
        #expect(error?.message.contains("/no/such/file.pth") == true)
    }

    @Test("a job that nobody wants any more stops before it computes")
    func cancellation() throws {
        let runner = EngineRunner(try Engine(EngineOptions(threads: 1)))
        let job = JobRequest(
            lease: Lease(id: LeaseID(rawValue: 0), epoch: Epoch(rawValue: 1)), run: "r", shard: 0, method: .pretrained,
            label: "hub",
            checkpoint: Goldens.path("checkpoints/hub5"), batchIndex: 0, seed: 42, batchSize: 1)
        #expect(throws: CancellationError.self) {
            _ = try runner.run(job, control: ShardControl(report: { _ in }, isCancelled: { true }))
        }
    }

    @Test("a text is cut at a character, keeps its length limit and loses its NULs")
    func clipping() {
        #expect("short".clipped(to: 5) == "short")
        #expect("longer".clipped(to: 5) == "lo...")
        #expect("a\0b".clipped(to: 5) == "ab")
        #expect("ééééé".clipped(to: 8) == "éé...")
    }
}
