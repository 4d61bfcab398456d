import MAECluster
import MAEDomain
import MAEVerify

@testable import MAECoordinator
@testable import MAEStore

/// A store that survives its coordinators: what was committed, in order.
final class SimulatedStore {
    let plan: RunPlan
    private(set) var shards: [ShardRecord]
    private(set) var results: [ResultRecord] = []
    private var nodes: [String] = []
    private var starts = 0
    /// Results that were committed twice.
    private(set) var faults: [String] = []
    /// Nodes that are to be drained.
    var drains: Set<String> = []

    init(_ plan: RunPlan, shards: [ShardRecord]) {
        self.plan = plan
        self.shards = shards
    }

    /// Commits one transaction.
    func commit(_ changes: Changes) {
        for node in changes.nodes where !nodes.contains(node.name) { nodes.append(node.name) }
        shards += changes.shards
        for result in changes.results {
            if contains(result.shard, from: result.observation.node.name) {
                faults.append("a result of shard \(result.shard) is stored twice")
            }
            results.append(result)
        }
    }

    func contains(_ shard: Int, from node: String) -> Bool {
        results.contains { $0.shard == shard && $0.observation.node.name == node }
    }

    /// What the next coordinator of the run begins with.
    func resume() -> Resumption {
        starts += 1
        return Resumption(
            plan: plan, shards: shards, nodes: nodes,
            stored: results.map { Resumption.Stored(shard: $0.shard, node: $0.observation.node.name) }, start: starts)
    }
}

/// One coordinator's way to the store: transactions become durable in order, each after a while.
final class SimulatedJournal: RunJournal {
    private let store: SimulatedStore
    private let world: SimulatedWorld
    private let crash: CrashPoint
    private var pending: [(at: Instant, changes: Changes, leases: [Lease])] = []
    private var stored: [Lease] = []
    private var drains: Set<String> = []

    init(_ store: SimulatedStore, _ world: SimulatedWorld, _ crash: CrashPoint) {
        self.store = store
        self.world = world
        self.crash = crash
    }

    func post(_ changes: Changes, acknowledging leases: [Lease]) {
        // A process that is killed here has posted nothing, and the next message that it sends ends it.
        do { try crash.pass() } catch { return }
        let due = world.now + world.chance.seconds(0...world.weather.diskDelay)
        pending.append((max(due, pending.last?.at ?? due), changes, leases))
    }

    func takeStored() throws -> [Lease] {
        commit(pending.count { $0.at <= world.now })
        defer { stored = [] }
        return stored
    }

    func takeDrains() -> Set<String>? {
        guard store.drains != drains else { return nil }
        drains = store.drains
        return drains
    }

    func isFull(with bytes: Int) -> Bool { pending.count > 64 }

    var unwritten: Int { pending.reduce(0) { $0 + $1.leases.count } }

    let commits = Histogram(bounds: [1])

    func results() throws -> RunResults {
        commit(pending.count)
        return RunResults(whole: store.results.map(\.observation))
    }

    /// The process dies: some of the transactions that were under way are durable, the first of them.
    func crashProcess() { commit(Int.random(in: 0...pending.count, using: &world.chance)) }

    private func commit(_ count: Int) {
        for (_, changes, leases) in pending.prefix(count) {
            store.commit(changes)
            stored += leases
        }
        pending.removeFirst(count)
    }
}
