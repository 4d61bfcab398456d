import Foundation
import MAEDomain
import MAEStore
import MAETensor
import MAEVerify
import TestSupport

@testable import VerifyTestSupport

/// A store of nights that tests make up: what nodes compute is simulated, all else is as a coordinator records it.
struct NightSite {
    /// One night, to be changed before it is recorded.
    struct Night {
        /// Counted from 0.
        var number: Int
        var simulation: Simulation
        /// The digest that stands for the files of the checkpoint.
        var checkpoint = "first"
        /// What a cell computes.
        var work: (Cell, inout SimulatedWork) -> Void = { _, _ in }
        /// Seconds that a node takes for a batch.
        var forward: (String) -> Double = { _ in 0.4 }
        /// Whether the run was judged.
        var isJudged = true
    }

    let folder: TemporaryDirectory
    let store: Store
    let series: String

    init(_ series: String = "night") throws {
        (folder, self.series) = (try TemporaryDirectory(), series)
        store = try Store(directory: folder.file("store"))
    }

    /// `night-2026-09-01` for night 0, and so on.
    func name(_ night: Int) -> String { "\(series)-\(Self.date(night))" }

    static func date(_ night: Int) -> String {
        start(night).formatted(.iso8601.year().month().day())
    }

    /// 02:00 UTC of that night.
    static func start(_ night: Int) -> Date { Date(timeIntervalSince1970: 1_788_228_000 + Double(night) * 86_400) }

    /// What a node tells of itself, with the facts of its machine.
    static func identity(_ name: String, kernel: String = "6.1.0-17", build: String = "1.0") -> NodeIdentity {
        var identity = Simulation.identity(name, build: build)
        identity.machine = MachineFacts([
            .init(.processor, "AMD EPYC 9R14"), .init(.microcode, "0xa101148"), .init(.kernel, kernel),
        ])
        return identity
    }

    /// Records `count` nights of `nodes` from night `first` on, each changed by `change`.
    func record(
        from first: Int = 0, nights count: Int, nodes: [String], batches: Int = 2, names: [String]? = nil,
        _ change: (inout Night) -> Void = { _ in }
    ) throws {
        for number in first..<first + count {
            var simulation = Simulation(nodes: nodes, batches: batches)
            simulation.node = { NightSite.identity($0) }
            var night = Night(number: number, simulation: simulation)
            change(&night)
            try record(night, as: names?[number - first] ?? name(number))
        }
    }

    func record(_ night: Night, as name: String) throws {
        let observations = observations(night)
        let failures = night.simulation.lost.sorted().map {
            ShardFailure(
                node: $0.node, method: $0.method, batch: $0.batch, code: "node-lost",
                message: "the node was lost: nothing was heard of it")
        }
        let plan = plan(night, as: name)
        let judgement =
            night.isJudged
            ? Judgement(
                Verification(plan: plan, observations: observations, failures: failures), details: ReportDetails())
            : nil
        try record(night, as: name, observations: observations, judgement: judgement)
    }

    private func record(
        _ night: Night, as name: String, observations: [Observation], judgement: Judgement?
    ) throws {
        let start = Self.start(night.number)
        let plan = plan(night, as: name)
        let shards = (0..<plan.batches * plan.methods.count).map { shard in
            ShardRecord(
                shard: shard, method: plan.methods[shard % plan.methods.count].label, batch: shard / plan.methods.count)
        }
        try store.begin(plan, shards: shards, at: start)
        var changes = Changes()
        changes.nodes = night.simulation.nodes.map { night.simulation.node($0) }
        changes.results = observations.map { observation in
            let method = plan.methods.firstIndex { $0.label == observation.method.label } ?? 0
            return ResultRecord(
                shard: observation.batch.index * plan.methods.count + method, observation: observation, received: start)
        }
        try store.record(changes, run: name)
        if let judgement { try store.record(judgement, run: name, at: start.addingTimeInterval(60)) }
    }

    /// What the run sets out to do, with files that the checkpoint's name stands for.
    private func plan(_ night: Night, as name: String) -> RunPlan {
        var plan = night.simulation.plan
        plan.run = name
        plan.checkpoints = plan.methods.map { method in
            let digest = SHA256Digest.of("\(method.path) \(night.checkpoint)")
            return CheckpointFiles(
                .checkpoint, path: method.path, digest: digest,
                files: [CheckpointFiles.File(name: "model.bin", size: 1, digest: digest)])
        }
        return plan
    }

    /// The results of a night, with times.
    private func observations(_ night: Night) -> [Observation] {
        night.simulation.observations(night.work).map { observation in
            var observation = observation
            observation.seconds = StageSeconds(
                load: observation.batch.index == 0 ? 1.5 : 0, input: 0.1,
                forward: night.forward(observation.node.name))
            return observation
        }
    }

    /// Leaves a copy of the store in the folder that `MAE_TEST_KEEP` names, for a look at it with the programs.
    func keep(as name: String) throws {
        guard let folder = ProcessInfo.processInfo.environment["MAE_TEST_KEEP"] else { return }
        let copy = folder + "/" + name
        guard !FileManager.default.fileExists(atPath: copy) else { return }
        try FileManager.default.copyItem(atPath: store.directory, toPath: copy)
    }

    /// Records nights that are all alike, which are judged once.
    func recordAlike(nights count: Int, nodes: [String]) throws {
        var simulation = Simulation(nodes: nodes, batches: 2)
        simulation.node = { NightSite.identity($0) }
        let night = Night(number: 0, simulation: simulation)
        let observations = observations(night)
        let judgement = Judgement(
            Verification(plan: plan(night, as: name(0)), observations: observations), details: ReportDetails())
        for number in 0..<count {
            var night = night
            night.number = number
            try record(night, as: name(number), observations: observations, judgement: judgement)
        }
    }
}
