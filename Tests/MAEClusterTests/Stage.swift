@testable import MAECluster
import Testing

/// A cluster under test, with a clock that is moved by hand; every step is followed by a check of the whole state.
struct Stage {
    var cluster: Cluster
    var now = Instant(sinceOrigin: .zero)
    /// All actions so far.
    var log: [Action] = []

    init(
        workers: Int, shards: [Shard], policy: ClusterPolicy = Stage.policy, timeout: Duration = .seconds(1000),
        formerNodes: [NodeID] = [], stored: [WorkPlan.StoredResult] = [], lastEpoch: UInt64 = 0
    ) {
        let plan = WorkPlan(
            workers: workers, shards: shards, deadline: Instant(sinceOrigin: timeout), formerNodes: formerNodes,
            stored: stored, lastEpoch: Epoch(rawValue: lastEpoch))
        cluster = Cluster(plan: plan, policy: policy, firstSession: SessionID(rawValue: 100))
    }

    /// Times in round numbers.
    static var policy: ClusterPolicy {
        var policy = ClusterPolicy()
        policy.silenceTimeout = .seconds(10)
        policy.stallTimeout = .seconds(30)
        policy.leaseLimit = .seconds(300)
        policy.nameGuard = .seconds(3)
        policy.leasesPerNode = 1
        policy.mostLeasesPerNode = 1
        return policy
    }

    @discardableResult
    mutating func handle(_ event: Event, _ location: SourceLocation = #_sourceLocation) -> [Action] {
        let actions = cluster.handle(event, now: now)
        #expect(cluster.validateState() == [], sourceLocation: location)
        log += actions
        return actions
    }

    /// Moves the clock, ticking whenever the cluster asks for it; present nodes named in `alive` send heartbeats.
    mutating func wait(_ seconds: Int, alive: [Stand] = []) {
        for _ in 0..<seconds {
            now = now + .seconds(1)
            handle(.tick)
            for stand in alive { handle(stand.says(.heartbeat(stand.progress))) }
        }
    }

    /// Lets a node say Hello and be welcomed.
    @discardableResult
    mutating func join(_ name: String, incarnation: UInt64 = 1, identity: [UInt8] = []) throws -> Stand {
        let stand = try Stand(name, incarnation: incarnation, identity: identity)
        let actions = handle(.received(.hello(stand.node, stand.incarnation), from: stand.peer))
        return try stand.welcomed(by: actions)
    }

    /// Hands in the result of a job and stores it.
    mutating func complete(_ lease: Lease, by stand: Stand) {
        let actions = handle(stand.says(.result(lease)))
        if actions.contains(where: { if case .store = $0 { true } else { false } }) { handle(.stored(lease)) }
    }

    /// The jobs a node holds now, in order of granting.
    func held(by stand: Stand) -> [Lease] { cluster.membership[stand.node]?.held.map(\.lease) ?? [] }

    /// Lets nodes complete whatever they are given until they are given no more.
    mutating func completeAll(by stands: [Stand]) {
        while let stand = stands.first(where: { !held(by: $0).isEmpty }) {
            complete(held(by: stand)[0], by: stand)
        }
    }

    /// The summary with which the run settled last.
    var settled: RunSummary? {
        for case .settled(let summary) in log.reversed() { return summary }
        return nil
    }

    /// Everything said to a peer.
    func sent(to stand: Stand) -> [CoordinatorMessage] {
        log.compactMap { if case .send(let message, stand.peer) = $0 { message } else { nil } }
    }

    var notices: [Notice] { log.compactMap { if case .note(let notice) = $0 { notice } else { nil } } }
}

/// A worker as the coordinator sees it.
struct Stand {
    let node: NodeID
    let incarnation: Incarnation
    var peer: Peer
    var session = SessionID(rawValue: 0)
    var progress: Progress?
    private var statements: UInt64 = 0

    init(_ name: String, incarnation: UInt64 = 1, identity: [UInt8] = []) throws {
        node = try #require(NodeID(name))
        self.incarnation = Incarnation(rawValue: incarnation)
        peer = Peer(route: Array("\(name)/\(incarnation)".utf8), identity: identity)
    }

    var greeting: Event { .received(.hello(node, incarnation), from: peer) }

    func says(_ statement: WorkerStatement) -> Event {
        .received(.said(statement, session: session, incarnation: incarnation), from: peer)
    }

    /// A heartbeat that tells what the node has in hand: at least what it runs.
    mutating func beats(running: Lease?, unfinished: [Lease]? = nil, finished: [Lease] = []) -> Event {
        statements += 1
        let unfinished = unfinished ?? running.map { [$0] } ?? []
        return says(
            .heartbeat(
                running.map { Progress(lease: $0, step: 0) },
                Holding(number: statements, unfinished: unfinished, finished: finished)))
    }

    func welcomed(by actions: [Action]) throws -> Stand {
        var stand = self
        let welcome = actions.compactMap { action -> Welcome? in
            if case .send(.welcome(let welcome), peer) = action { welcome } else { nil }
        }.first
        stand.session = try #require(welcome).session
        return stand
    }
}

/// Shards of `methods`, each for batches 0 to `batches` - 1.
func makeShards(
    _ methods: [String] = ["full"], batches: Int = 1, placement: Placement = .everyNode, from first: Int = 0
) -> [Shard] {
    var shards: [Shard] = []
    for batch in 0..<batches {
        for method in methods {
            shards.append(
                Shard(id: ShardID(rawValue: first + shards.count), method: method, batch: batch, placement: placement))
        }
    }
    return shards
}
