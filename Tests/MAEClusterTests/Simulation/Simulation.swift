import MAEDomain

@testable import MAECluster

/// One simulated run: a coordinator, its workers, its store and the network between them, all from one seed.
///
/// The machines are the real ones, and are called as their shells call them: when a message comes, and when the time has come
/// that they named. A ``Referee`` collects every breach of the rules.
struct Simulation {
    private static let step = Duration.milliseconds(250)
    /// How long the two sides may be at odds about a lease after one message was lost, beside the time that others travel.
    private static let mostOdds = Duration.milliseconds(2500)

    private var world: World
    private let policy: ClusterPolicy
    let workers: Int
    private let deadline: Instant
    private var shards: [Shard]
    private var cluster: Cluster
    private var actors: [Actor]
    private var underway: [(at: Instant, parcel: Parcel)] = []
    private var now = Instant(sinceOrigin: .zero)
    private var questions = 1
    /// Until when the coordinator's machine is suspended.
    private var asleep = Instant(sinceOrigin: .zero)
    private var draining: Set<NodeID> = []
    /// Until when the keys cannot be read.
    private var unreadableKeys: Instant?
    private var expelled: Set<[UInt8]> = []
    private var referee: Referee
    /// What the only message that was lost was about, until both sides agree on it.
    private var odds: (lease: Lease, actor: Int, since: Instant)?
    private var lossesAhead = 0
    /// The last of the numbered heartbeats of each process that has arrived.
    private var statements: [Incarnation: UInt64] = [:]

    private(set) var ending: RunSummary?
    /// What happened, as far as somebody who replays a seed wants to see it.
    private(set) var trace: [String] = []
    private let isTraced: Bool

    var faults: [String] { referee.faults }
    /// Grants that ended as if they had cost their node, and shards that were given up.
    var losses: [Notice] { referee.losses }
    /// Those of them by which a shard was given up, in one place or everywhere.
    var setAside: [Notice] { losses.filter { if case .revoked = $0 { false } else { true } } }
    /// Whether a shard was kept from all nodes.
    var isAnyQuarantined: Bool { losses.contains { if case .quarantined = $0 { true } else { false } } }
    /// Shards that are the end of whoever computes them.
    var killers: Set<ShardID> { world.killers }
    /// Whether the run is over because everything is there.
    ///
    /// A question is not: its node may have gone without anybody having noticed yet.
    var isComplete: Bool { missing.isEmpty && ending?.ending == .finished }
    /// The shards that lack results in the end, questions aside.
    var missing: [ShardID] {
        (ending?.missing ?? []).map(\.shard).filter { if case .node = $0.placement { false } else { true } }.map(\.id)
    }

    init(seed: UInt64, makeWeather: (inout SplitMix) -> Weather, tries: Int, isTraced: Bool = false) {
        var chance = SplitMix(state: seed)
        let weather = makeWeather(&chance)
        var policy = ClusterPolicy()
        deadline = weather.deadline
        if !weather.hasRealTimes {
            policy.silenceTimeout = .seconds(4)
            policy.stallTimeout = .seconds(6)
            policy.leaseLimit = .seconds(40)
            policy.nameGuard = .seconds(2)
        }
        policy.leasesPerNode = Int.random(in: 1...3, using: &chance)
        policy.mostLeasesPerNode = policy.leasesPerNode + Int.random(in: 0...3, using: &chance)
        policy.workInHand = .seconds(Int.random(in: 0...20, using: &chance))
        policy.triesPerNode = tries
        policy.crashesBeforeQuarantine = tries
        self.policy = policy
        workers = Int.random(in: 1...4, using: &chance)
        referee = Referee(workers: workers)
        let placement: Placement = chance.chance(0.5) ? .everyNode : .overlap(Int.random(in: 1...3, using: &chance))
        let batches = chance.chance(0.2) ? 5...12 : 1...4
        shards = makeShards(
            ["pretrained", "full"], batches: Int.random(in: batches, using: &chance), placement: placement)
        cluster = Cluster(
            plan: WorkPlan(workers: workers, shards: shards, deadline: deadline), policy: policy,
            firstSession: SessionID(rawValue: chance.next()))
        actors = []
        for index in 0..<workers + Int.random(in: 0...2, using: &chance) {
            guard let node = NodeID("node-\(index)") else { continue }
            actors.append(
                Actor(
                    node: node, start: now + chance.seconds(0...20), slowness: index == 0 ? weather.slowness : 1,
                    identity: [UInt8(index)]))
        }
        if weather.hasTwin {
            actors.append(Actor(node: actors[0].node, start: now + chance.seconds(0...20), slowness: 1, identity: [0]))
        }
        world = World(chance: chance, weather: weather)
        for shard in shards where world.chance.chance(weather.killers) { world.killers.insert(shard.id) }
        world.spoilers = Set(actors.prefix(weather.spoilers).map(\.node))
        lossesAhead = weather.onlyLoss.map { $0.after + 1 } ?? 0
        self.isTraced = isTraced
    }

    /// Runs to the end, or to the first breach of a rule.
    mutating func run() {
        while cluster.phase != .ended, faults.isEmpty {
            now = now + Self.step
            if now >= world.weather.end { clearUp() }
            guard now < deadline + .seconds(20) else { return referee.report("the run does not end") }
            disturb()
            readKeys()
            deliver()
            for index in actors.indices {
                let said = actors[index].step(now, &world)
                for fault in actors[index].faults() { referee.report(fault) }
                post(said, of: index)
            }
            if now >= asleep, let tick = cluster.nextTick, tick <= now { handle(.tick) }
            watchOdds()
            validate()
        }
        if let ending, faults.isEmpty { referee.check(ending, of: shards, workers: workers) }
    }

    private mutating func clearUp() {
        let delay = world.weather.delay
        let onlyLoss = world.weather.onlyLoss
        world.weather = .calm
        world.weather.onlyLoss = onlyLoss
        world.weather.delay = min(delay, 0.5)
        world.weather.deadline = deadline
        for node in draining.sorted() { setDraining(node, false) }
    }

    private mutating func readKeys() {
        guard let end = unreadableKeys, now >= end else { return }
        note(nil, "can read the keys again")
        unreadableKeys = nil
        referee.areGrantsSuspended = false
        handle(.resumeGrants)
    }

    private mutating func disturb() {
        for index in actors.indices where actors[index].machine != nil {
            if world.chance.chance(world.weather.crash) {
                note(actors[index].node, "is killed")
                actors[index].crash(restart: now + world.chance.seconds(0.5...15))
            }
            if now >= actors[index].asleep, actors[index].machine != nil, world.chance.chance(world.weather.leaving) {
                note(actors[index].node, "leaves")
                post(actors[index].leave(now, restart: now + world.chance.seconds(0.5...15), &world), of: index)
            }
            if world.chance.chance(world.weather.reconnection) { actors[index].reconnect(&world) }
            if world.chance.chance(world.weather.suspension) {
                note(actors[index].node, "is suspended")
                actors[index].suspend(until: now + world.chance.seconds(1...30))
            }
        }
        if world.chance.chance(world.weather.partition) {
            let end = now + world.chance.seconds(2...30)
            for index in actors.indices where world.chance.chance(0.5) {
                note(actors[index].node, "is cut off")
                actors[index].cutOff = end
            }
        }
        if world.chance.chance(world.weather.draining), let actor = actors.randomElement(using: &world.chance) {
            setDraining(actor.node, !draining.contains(actor.node))
        }
        if world.chance.chance(world.weather.expulsion), let actor = actors.randomElement(using: &world.chance) {
            note(actor.node, "is expelled")
            expelled.insert(actor.identity)
            handle(.expel(identity: actor.identity))
        }
        if unreadableKeys == nil, world.chance.chance(world.weather.unreadableKeys) {
            note(nil, "cannot read the keys")
            unreadableKeys = now + world.chance.seconds(1...20)
            handle(.suspendGrants)
            referee.areGrantsSuspended = true
        }
        if world.chance.chance(world.weather.stopping) {
            let isAtOnce = world.chance.chance(0.5)
            note(nil, isAtOnce ? "is to end the run" : "is to grant no more")
            handle(isAtOnce ? .cancel : .drainRun)
            referee.noteStop()
        }
        if now >= asleep, now < deadline, world.chance.chance(world.weather.coordinatorSuspension) {
            note(nil, "is suspended")
            asleep = now + world.chance.seconds(1...15)
        }
        if world.chance.chance(world.weather.coordinatorCrash) { restartCoordinator() }
    }

    private mutating func setDraining(_ node: NodeID, _ isDraining: Bool) {
        note(node, isDraining ? "is to drain" : "is to work again")
        if isDraining { draining.insert(node) } else { draining.remove(node) }
        handle(isDraining ? .drainNode(node) : .undrainNode(node))
    }

    /// Only what was stored survives: results, and the highest epoch.
    private mutating func restartCoordinator() {
        note(nil, "is killed")
        referee.crash(&world.chance)
        underway.removeAll { if case .stored = $0.parcel { true } else { false } }
        let history = RunHistory(nodes: referee.joined, results: referee.ledger, lastEpoch: referee.lastEpoch)
        let plan = WorkPlan(workers: workers, shards: shards, deadline: deadline, history: history)
        cluster = Cluster(plan: plan, policy: policy, firstSession: SessionID(rawValue: world.chance.next()))
        draining = []
        unreadableKeys = nil
        referee.areGrantsSuspended = false
        handle(.tick)
    }

    private mutating func deliver() {
        // A suspended coordinator finds what has come meanwhile when it wakes.
        let isAsleep = now < asleep
        var due: [Parcel] = []
        var rest: [(at: Instant, parcel: Parcel)] = []
        for (at, parcel) in underway {
            var waits = at > now
            if isAsleep, case .toCoordinator = parcel { waits = true }
            if isAsleep, case .stored = parcel { waits = true }
            if waits { rest.append((at, parcel)) } else { due.append(parcel) }
        }
        underway = rest
        for parcel in due {
            switch parcel {
            case .toCoordinator(let message, let peer):
                if !expelled.contains(peer.identity) { receive(message, from: peer, parcel) }
            case .stored(let lease): if referee.store(lease) { handle(.stored(lease)) }
            case .toWorker(let message, let peer):
                for index in actors.indices where actors[index].peer == peer && actors[index].machine != nil {
                    guard now >= actors[index].cutOff else { continue }
                    post(actors[index].receive(message, now, &world), of: index)
                }
            }
        }
    }

    /// Gives the coordinator a message, and sees to it that what heartbeats said before changes nothing.
    private mutating func receive(_ message: WorkerMessage, from peer: Peer, _ parcel: Parcel) {
        guard let (number, process, session) = parcel.statement else { return handle(.received(message, from: peer)) }
        guard number <= statements[process] ?? 0 else {
            // What it says over another connection, or in another session, is not heard.
            if let node = cluster.node(in: session), cluster.membership[node]?.peer == peer {
                statements[process] = number
            }
            return handle(.received(message, from: peer))
        }
        repeat { handle(.tick) } while cluster.nextTick.map { $0 <= now } ?? false
        let before = cluster.leases.assignments
        handle(.received(message, from: peer))
        if !cluster.leases.assignments.elementsEqual(before) {
            referee.report("a heartbeat that came late changed the book")
        }
    }

    /// After the only loss, waits for both sides to agree on what the message was about.
    private mutating func watchOdds() {
        guard let odds else { return }
        let assignment = cluster.leases[odds.lease]
        let isAgreed: Bool =
            switch (assignment?.state, actors[odds.actor].standing(of: odds.lease)) {
            case (.leased, .unfinished), (.storing, .finished): true
            case (.leased, _), (.storing, _): false
            case (_, let standing): standing == nil
            }
        if isAgreed { self.odds = nil }
        if !isAgreed, now >= odds.since + Self.mostOdds + Self.step * 2 {
            referee.report("\(odds.lease) is in dispute \((now - odds.since) / .seconds(1)) s after a message was lost")
        }
    }

    private mutating func handle(_ event: Event) {
        for action in cluster.handle(event, now: now) {
            referee.note(action, draining: draining)
            switch action {
            case .send(let message, let peer): post(.toWorker(message, peer))
            case .store(let job, _, _): underway.append((now + world.chance.seconds(0...1), .stored(job.lease)))
            case .note(let notice): if isTraced { note(nil, "\(notice)") }
            case .settled(let summary): respond(to: summary)
            case .ended(let summary): ending = summary
            }
        }
    }

    private mutating func validate() {
        for fault in cluster.validateState() { referee.report(fault) }
        let alarms = cluster.alarms.count
        if alarms > 8 * actors.count { referee.report("\(alarms) alarms are set for \(actors.count) nodes") }
        if underway.count > 5000 { referee.report("\(underway.count) messages are under way") }
    }

    /// Asks one question more at times, and finishes otherwise.
    private mutating func respond(to summary: RunSummary) {
        guard questions > 0, summary.ending == .finished, world.weather.end == .never, world.chance.chance(0.5),
            let node = cluster.overview.nodes.filter(\.canWork).randomElement(using: &world.chance)?.node
        else { return handle(.finish) }
        questions -= 1
        let asked = makeShards(placement: .node(node), from: shards.count)
        shards += asked
        handle(.rerun(asked))
    }

    private mutating func post(_ said: [WorkerMessage], of index: Int) {
        guard now >= actors[index].cutOff else { return }
        for message in said { post(.toCoordinator(message, actors[index].peer)) }
    }

    /// Whether this is the only message that is lost.
    private mutating func isOnlyLoss(_ parcel: Parcel) -> Bool {
        guard lossesAhead > 0, let subject = parcel.subject, subject.kind == world.weather.onlyLoss?.kind else {
            return false
        }
        lossesAhead -= 1
        guard lossesAhead == 0 else { return false }
        let peer: Peer
        switch parcel {
        case .toCoordinator(_, let sender): peer = sender
        case .toWorker(_, let receiver): peer = receiver
        case .stored: return false
        }
        guard let actor = actors.firstIndex(where: { $0.peer == peer }) else { return false }
        odds = (subject.lease, actor, now)
        note(actors[actor].node, "misses \(subject)")
        return true
    }

    private mutating func post(_ parcel: Parcel) {
        if isOnlyLoss(parcel) { return }
        if world.chance.chance(world.weather.loss) { return }
        let delay = world.weather.delay
        underway.append((now + world.chance.seconds(0...delay), parcel))
        if world.chance.chance(world.weather.duplication) {
            underway.append((now + world.chance.seconds(0...delay), parcel))
        }
        if world.chance.chance(world.weather.replay) {
            underway.append((now + world.chance.seconds(5...20), parcel))
        }
    }

    /// Writes what happened to a node, or to the coordinator, where somebody wants to see it.
    private mutating func note(_ node: NodeID?, _ what: String) {
        if isTraced { trace.append("\(now.sinceOrigin / .seconds(1)) s: \(node?.name ?? "coordinator") \(what)") }
    }
}
