@testable import MAECluster

/// One simulated run: a coordinator, its workers and the network between them, all from one seed.
///
/// It keeps books of its own on what was granted and stored, and collects every breach of the rules.
struct Simulation {
    private enum Parcel {
        case toCoordinator(WorkerMessage, Peer)
        case toWorker(CoordinatorMessage, Peer)
        case stored(Lease)
    }

    private var chance: SplitMix
    private var weather: Weather
    private let policy: ClusterPolicy
    private let workers: Int
    private let deadline = Instant(sinceOrigin: .seconds(160))
    private var shards: [Shard]
    private var cluster: Cluster
    private var actors: [Actor]
    private var underway: [(at: Instant, parcel: Parcel)] = []
    private var now = Instant(sinceOrigin: .zero)
    private var questions = 1

    /// The last grant of each lease of this coordinator.
    private var granted: [LeaseID: (epoch: Epoch, node: NodeID)] = [:]
    /// Accepted, but not on the disk yet.
    private var storing: [Lease: WorkPlan.StoredResult] = [:]
    /// On the disk.
    private var ledger: [WorkPlan.StoredResult] = []
    private var lastEpoch = Epoch(rawValue: 0)

    private(set) var faults: [String] = []
    private(set) var ending: RunSummary?

    init(seed: UInt64, makeWeather: (inout SplitMix) -> Weather, triesPerNode: Int) {
        chance = SplitMix(state: seed)
        weather = makeWeather(&chance)
        var policy = ClusterPolicy()
        policy.silenceTimeout = .seconds(4)
        policy.stallTimeout = .seconds(6)
        policy.leaseLimit = .seconds(30)
        policy.nameGuard = .seconds(2)
        policy.leasesPerNode = Int.random(in: 1...3, using: &chance)
        policy.triesPerNode = triesPerNode
        policy.casualties = triesPerNode
        self.policy = policy
        workers = Int.random(in: 1...4, using: &chance)
        let placement: Placement = chance.chance(0.7) ? .everyNode : .overlap(Int.random(in: 1...3, using: &chance))
        shards = makeShards(
            ["pretrained", "full"], batches: Int.random(in: 1...4, using: &chance), placement: placement)
        cluster = Cluster(
            plan: WorkPlan(workers: workers, shards: shards, deadline: deadline), policy: policy,
            firstSession: SessionID(rawValue: chance.next()))
        actors = []
        for index in 0..<workers + Int.random(in: 0...2, using: &chance) {
            guard let node = NodeID("node-\(index)") else { continue }
            actors.append(Actor(node: node, start: now + chance.seconds(0...20)))
        }
        if weather.hasTwin { actors.append(Actor(node: actors[0].node, start: now + chance.seconds(0...20))) }
    }

    /// Runs to the end, or to the first breach of a rule.
    mutating func run() {
        while cluster.phase != .ended, faults.isEmpty {
            now = now + .milliseconds(250)
            if now >= weather.end {
                let delay = weather.delay
                weather = .calm
                weather.delay = min(delay, 0.5)
            }
            guard now < deadline + .seconds(20) else {
                faults.append("the run does not end")
                return
            }
            disturb()
            deliver()
            for index in actors.indices {
                let said = actors[index].step(now, &chance, weather)
                faults += actors[index].machine?.validateState() ?? []
                post(said, of: index)
            }
            handle(.tick)
        }
        if let ending { check(ending) }
    }

    private mutating func disturb() {
        for index in actors.indices where actors[index].machine != nil {
            if chance.chance(weather.crash) { actors[index].crash(restart: now + chance.seconds(0.5...15)) }
            if chance.chance(weather.reconnection) {
                actors[index].peer = Peer(route: [UInt8(index), .random(in: 0...255, using: &chance)])
            }
        }
        guard chance.chance(weather.coordinatorCrash) else { return }
        // Only what was stored survives; what was on its way to the disk may have arrived or not.
        for result in storing.values.sorted(by: { ($0.shard, $0.node) < ($1.shard, $1.node) }) where chance.chance(0.5)
        {
            ledger.append(result)
        }
        storing = [:]
        granted = [:]
        underway.removeAll { if case .stored = $0.parcel { true } else { false } }
        let plan = WorkPlan(
            workers: workers, shards: shards, deadline: deadline, stored: ledger, lastEpoch: lastEpoch)
        cluster = Cluster(plan: plan, policy: policy, firstSession: SessionID(rawValue: chance.next()))
    }

    private mutating func deliver() {
        let due = underway.filter { $0.at <= now }
        underway.removeAll { $0.at <= now }
        for (_, parcel) in due {
            switch parcel {
            case .toCoordinator(let message, let peer): handle(.received(message, from: peer))
            case .stored(let lease):
                guard let result = storing.removeValue(forKey: lease) else { continue }
                if ledger.contains(result) { faults.append("\(result) is stored twice") }
                ledger.append(result)
                handle(.stored(lease))
            case .toWorker(let message, let peer):
                for index in actors.indices where actors[index].peer == peer && actors[index].machine != nil {
                    post(actors[index].receive(message, now, &chance, weather), of: index)
                }
            }
        }
    }

    private mutating func handle(_ event: Event) {
        for action in cluster.handle(event, now: now) {
            switch action {
            case .send(let message, let peer): post(.toWorker(message, peer))
            case .store(let job, let node):
                guard let last = granted[job.lease.id], last.epoch == job.lease.epoch, last.node == node else {
                    faults.append("a result of \(job.lease) was accepted from \(node), who does not hold it")
                    continue
                }
                storing[job.lease] = WorkPlan.StoredResult(shard: job.shard.id, node: node)
                underway.append((now + chance.seconds(0...1), .stored(job.lease)))
            case .note(.granted(let job, let node)):
                if let last = granted[job.lease.id], last.epoch >= job.lease.epoch {
                    faults.append("\(job.lease) was granted before")
                }
                granted[job.lease.id] = (job.lease.epoch, node)
                lastEpoch = max(lastEpoch, job.lease.epoch)
            case .note: break
            case .settled(let summary): respond(to: summary)
            case .ended(let summary): ending = summary
            }
        }
        faults += cluster.validateState()
    }

    /// Asks one question more at times, and finishes otherwise.
    private mutating func respond(to summary: RunSummary) {
        guard questions > 0, summary.ending == .finished, weather.end == .never, chance.chance(0.5),
            let actor = actors.randomElement(using: &chance)
        else { return handle(.finish) }
        questions -= 1
        let asked = makeShards(placement: .node(actor.node), from: shards.count)
        shards += asked
        handle(.ask(asked))
    }

    private mutating func post(_ said: [WorkerMessage], of index: Int) {
        for message in said { post(.toCoordinator(message, actors[index].peer)) }
    }

    private mutating func post(_ parcel: Parcel) {
        if chance.chance(weather.loss) { return }
        underway.append((now + chance.seconds(0...weather.delay), parcel))
        if chance.chance(weather.duplication) { underway.append((now + chance.seconds(0...weather.delay), parcel)) }
        if chance.chance(weather.replay) { underway.append((now + chance.seconds(5...20), parcel)) }
    }

    /// Holds the summary against the ledger.
    private mutating func check(_ summary: RunSummary) {
        if Set(ledger).count != ledger.count { faults.append("a result was counted twice") }
        for shard in shards {
            let stored = ledger.count { $0.shard == shard.id }
            let claimed = summary.missing.first { $0.shard == shard }
            if let claimed, claimed.have != stored { faults.append("shard \(shard.id.rawValue) lost results") }
            let want: Int =
                switch shard.placement {
                case .everyNode: workers
                case .overlap(let count): min(count, workers)
                case .node: 1
                }
            if claimed == nil, stored < want { faults.append("shard \(shard.id.rawValue) is said to be complete") }
            if claimed != nil, stored >= want {
                faults.append("shard \(shard.id.rawValue) is complete, but not said so")
            }
        }
    }
}
