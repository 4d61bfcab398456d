import MAEDomain
import Testing

@testable import MAECluster

// What the machines carry is numbers here: a node says nothing of itself, and a result is the number of its shard.
typealias Cluster = CoordinatorStateMachine<NoIntroduction, NoWork, TestOutput>
typealias Worker = WorkerStateMachine<Job, NoIntroduction, TestOutput>
typealias Action = Cluster.Action
typealias Event = Cluster.Event
typealias Notice = Cluster.Notice
typealias Shard = MAECluster.Shard<NoWork>
typealias Job = MAECluster.Job<NoWork>
typealias RunSummary = MAECluster.RunSummary<NoWork>
typealias WorkPlan = MAECluster.WorkPlan<NoWork>
typealias CoordinatorMessage = MAECluster.CoordinatorMessage<Job>
typealias WorkerMessage = MAECluster.WorkerMessage<NoIntroduction, TestOutput>
typealias WorkerStatement = MAECluster.WorkerStatement<TestOutput>

struct NoIntroduction: Sendable, Hashable {}
struct NoWork: Sendable, Hashable {}

/// A result, which names the lease that it was made under.
struct TestOutput: Sendable, Hashable {
    let lease: Lease
}

extension MAECluster.Shard where Work == NoWork {
    init(id: ShardID, method: String, batch: Int, placement: Placement = .everyNode) {
        self.init(id: id, method: method, batch: batch, placement: placement, work: NoWork())
    }
}

extension MAECluster.WorkerMessage where Introduction == NoIntroduction {
    static func hello(_ node: NodeID, _ incarnation: Incarnation, jobs: Int = .max) -> Self {
        .hello(node, incarnation, jobs: jobs, NoIntroduction())
    }
}

extension MAECluster.WorkerStatement where Output == TestOutput {
    static func result(_ lease: Lease) -> Self { .result(lease, TestOutput(lease: lease)) }
}

extension WorkerStateMachine.Event where Output == TestOutput {
    static func finished(_ lease: Lease) -> Self { .finished(lease, TestOutput(lease: lease)) }
}

extension JobProgress {
    init(_ lease: Lease, step: UInt64) { self.init(lease: lease, stage: .forward, step: step) }
}

extension JobFailure {
    static func node(_ message: String) -> JobFailure { JobFailure(message: message, fault: .node) }
    static func input(_ message: String) -> JobFailure { JobFailure(message: message, fault: .input) }
}

/// A cluster under test, with a clock that is moved by hand; every step is followed by a check of the whole state.
struct Stage {
    var cluster: Cluster
    var now = Instant(sinceOrigin: .zero)
    /// All actions so far.
    var log: [Action] = []

    init(
        workers: Int, shards: [Shard], policy: ClusterPolicy = Stage.policy, timeout: Duration = .seconds(1000),
        formerNodes: [NodeID] = [], stored: [RunHistory.StoredResult] = [], lastEpoch: UInt64 = 0
    ) {
        let history = RunHistory(nodes: formerNodes, results: stored, lastEpoch: Epoch(rawValue: lastEpoch))
        let plan = WorkPlan(
            workers: workers, shards: shards, deadline: Instant(sinceOrigin: timeout), history: history)
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
    var progress: JobProgress?
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
                running.map { JobProgress($0, step: 0) },
                LeasesInHand(number: statements, unfinished: unfinished, finished: finished)))
    }

    func welcomed(by actions: [Action]) throws -> Stand {
        var stand = self
        let session = actions.compactMap { action -> SessionID? in
            if case .send(.welcome(let session, _), peer) = action { session } else { nil }
        }.first
        stand.session = try #require(session)
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
