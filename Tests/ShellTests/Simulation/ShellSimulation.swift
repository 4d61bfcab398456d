import Logging
import MAECluster
import MAEDomain
import MAEVerify
import MAEWire
import TestSupport

@testable import MAECoordinator
@testable import MAEStore

/// One simulated run of the shells: the real sessions of coordinator and workers, whose messages are encoded and decoded as
/// over sockets, with a network, a store and a clock that are made up, all from one seed.
///
/// The coordinator is killed at any of its actions, and another one carries the run on from what was durable. What nodes
/// observed is judged in the end, as `mae-coord verify` judges it.
final class ShellSimulation {
    private static let step = Duration.milliseconds(250)
    private static let deadline = Duration.seconds(900)

    private let world: SimulatedWorld
    private let network: SimulatedNetwork
    private let store: SimulatedStore
    private let plan: RunPlan
    private var workers: [SimulatedWorker] = []
    private var process: (session: CoordinatorSession, journal: SimulatedJournal, crash: CrashPoint)?
    private var restart = Instant(sinceOrigin: .zero)
    /// The shard and node of each lease that this coordinator sent a job for.
    private var granted: [Lease: (shard: Int, node: String)] = [:]

    private(set) var outcome: RunOutcome?
    private(set) var faults: [String] = []
    /// How many coordinators were killed.
    private(set) var crashes = 0
    /// The node that computes something else than all others; nil where all are honest.
    let deviant: String?

    init(seed: UInt64, _ makeWeather: (inout SplitMix) -> ShellWeather) throws {
        world = SimulatedWorld(seed: seed, makeWeather)
        network = SimulatedNetwork(world)
        let count = Int.random(in: 2...4, using: &world.chance)
        // With two nodes there is no majority.
        let isDeviant = world.weather.hasDeviant && count > 2
        deviant = isDeviant ? "node-1" : nil
        var plan = Site.plan(batches: Int.random(in: 1...3, using: &world.chance), workers: count)
        if !isDeviant, world.chance.chance(0.3) { (plan.replicas, plan.batches) = (2, 6) }
        self.plan = plan
        var factory = try ShardFactory(plan, noise: nil)
        store = SimulatedStore(plan, shards: factory.firstShards().map(ShardRecord.init))
        for index in 0..<count {
            guard let node = NodeID("node-\(index)") else { continue }
            let habit = node.name == deviant ? LightRunner.Habit.differs(fromLayer: 2) : .honest
            workers.append(SimulatedWorker(node, habit, world, network))
        }
    }

    /// Runs to the end, or to the first breach of a rule.
    func run() throws {
        while outcome == nil, faults.isEmpty {
            world.now = world.now + Self.step
            guard world.now.sinceOrigin < Self.deadline + .seconds(60) else {
                return faults.append("the run does not end")
            }
            if world.now.sinceOrigin > .seconds(ShellWeather.end) { clearUp() }
            if world.chance.chance(world.weather.draining), let worker = workers.randomElement(using: &world.chance) {
                store.drains.formSymmetricDifference([worker.node.name])
            }
            network.deliver(isCoordinatorUp: process != nil)
            for worker in workers {
                try worker.turn()
                faults += worker.faults
            }
            try turnCoordinator()
            faults += store.faults
        }
        if faults.isEmpty { judge() }
    }

    private func clearUp() {
        world.weather = .calm
        store.drains = []
    }

    private func turnCoordinator() throws {
        if process == nil, world.now >= restart { process = try launch() }
        guard let (current, journal, crash) = process else { return }
        var session = current
        process = nil
        do {
            try session.turn(followUp: FollowUp.questions)
            if crash.hasCrashed { throw Crash() }
            faults += session.machine.validateState()
            outcome = session.outcome
            process = (session, journal, crash)
        } catch is Crash {
            crashes += 1
            journal.crashProcess()
            network.crashCoordinator()
            granted = [:]
            restart = world.now + world.chance.seconds(0.5...5)
        }
    }

    private func launch() throws -> (CoordinatorSession, SimulatedJournal, CrashPoint) {
        let (world, network) = (world, network)
        let resumption = store.resume()
        var factory = try ShardFactory(plan, noise: nil)
        let firstShards = factory.firstShards()
        factory.skip(resumption.shards)
        var options = CoordinatorOptions(endpoint: "sim://", timeout: Self.deadline)
        options.policy.silenceTimeout = .seconds(6)
        options.policy.stallTimeout = .seconds(8)
        // Failures are chance here: none is to be the last try.
        options.policy.triesPerNode = 1000
        options.policy.crashesBeforeQuarantine = 1000
        let crash = CrashPoint(world)
        let journal = SimulatedJournal(store, world, crash)
        let transport = SimulatedTransport(network: network, crash: crash) { [unowned self] frames in
            check(frames)
        }
        let log = Logger(label: "simulation") { _ in SwiftLogNoOpLogHandler() }
        let session = CoordinatorSession(
            plan, options, resumption, factory, firstShards: firstShards,
            CoordinatorAccess(transport: transport, endpoint: "sim://", authorizer: nil, refusals: RefusalList()),
            content: try ContentServer(options.content, log), journal: journal, log: log, clock: { world.now })
        return (session, journal, crash)
    }

    /// Looks at a message before it leaves: a result is acknowledged only when it is durable.
    private func check(_ frames: [[UInt8]]) {
        guard let node = frames.first.flatMap({ network.names[$0] }),
            let envelope = try? Envelope(frames: Array(frames.dropFirst()))
        else {
            return faults.append("the coordinator sends what cannot be read")
        }
        switch envelope.body {
        case .job(let job): granted[job.lease] = (Int(job.shard), node)
        case .accepted(let accepted):
            for lease in accepted.leases {
                guard let (shard, holder) = granted[lease], !network.failed.contains(lease) else { continue }
                if !store.contains(shard, from: holder) {
                    faults.append("\(lease) is acknowledged before the result of \(holder) is durable")
                }
            }
        default: break
        }
    }

    /// Holds the end of the run, and the verdict on what nodes observed, against what was planted.
    private func judge() {
        guard let outcome else { return }
        if !outcome.summary.isComplete { faults.append("the run is incomplete: \(outcome.failures.map(\.message))") }
        let observations = store.results.map(\.observation)
        let first = observations.filter { $0.attempt == 0 }
        let wanted = plan.batches * plan.methods.count * (plan.sharedReplicas ?? plan.workers)
        if first.count < wanted { faults.append("\(first.count) results are stored, of \(wanted)") }
        if Set(first.map(\.cell)).count != first.count { faults.append("a cell is stored twice") }
        // By the messages: what the summary says of it is compared with this.
        let busy = Set(granted.values.map(\.node))
        let idle = outcome.summary.nodes.filter { node in
            node.loss == nil && node.results == 0 && !node.isDraining && !busy.contains(node.node.name)
        }.map(\.node.name)
        if outcome.idleNodes != idle { faults.append("\(outcome.idleNodes) are idle, and should be \(idle)") }
        let verification = Verification(
            plan: plan, observations: observations, failures: outcome.failures,
            circumstances: RunCircumstances(idle: idle))
        guard let deviant else {
            // Where nodes share batches out, a node that comes late finds that others have run its share.
            let isAnyMissing = Set(first.map(\.node.name)).union(idle).count < plan.workers
            if verification.verdict.outcome != (isAnyMissing ? .incomplete : .agree) {
                faults.append("honest nodes: \(verification.verdict.sentence)")
            }
            return
        }
        let evidence = verification.findings.flatMap { [$0.sentence] + $0.evidence }.joined(separator: "\n")
        if verification.verdict.outcome != .disagree { faults.append("a deviant goes unseen") }
        if !evidence.contains(deviant) { faults.append("the deviant is not named: \(evidence)") }
        // Layers are numbered after the embeddings.
        if !evidence.contains("vit.encoder.layer.1") { faults.append("the layer is not named: \(evidence)") }
    }
}
