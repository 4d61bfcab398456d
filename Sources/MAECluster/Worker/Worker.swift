/// The worker's side of the cluster: greeting, heartbeats, the jobs it holds and the results not yet acknowledged.
///
/// A pure state machine, like ``Cluster``. A worker is *greeting* until it is welcomed, a *member* until the coordinator
/// falls silent or forgets it (then it greets again, and goes on computing meanwhile), and *gone* after it left.
public struct Worker: Sendable {
    enum Phase: Sendable, Hashable {
        case greeting(next: Instant)
        case member(nextHeartbeat: Instant)
        case gone
    }

    struct Running: Sendable, Hashable {
        let lease: Lease
        var step: UInt64 = 0
        var isCancelled = false
    }

    struct Unacknowledged: Sendable, Hashable {
        let statement: WorkerStatement
        var nextSend: Instant
    }

    let node: NodeID
    let incarnation: Incarnation
    let policy: WorkerPolicy
    var phase: Phase
    var greetings = 0
    var membership: Welcome?
    var lastHeard: Instant
    /// Jobs to be run, in the order in which they were granted.
    var waiting: [Job] = []
    var running: Running?
    var unacknowledged: [Lease: Unacknowledged] = [:]
    /// No later than when the first of them is to be sent: until then they need not be looked at.
    var resendAlarm: Instant?
    /// How often it has said what it has in hand.
    private var statements: UInt64 = 0
    /// The latest grant seen of each lease of this session: what comes twice is run once.
    var latest: [LeaseID: Epoch] = [:]

    /// A worker that says its first Hello at the first event.
    public init(node: NodeID, incarnation: Incarnation, policy: WorkerPolicy = WorkerPolicy(), now: Instant) {
        self.node = node
        self.incarnation = incarnation
        self.policy = policy
        phase = .greeting(next: now)
        lastHeard = now
    }

    /// Takes in one event and returns what is to be done about it, in order.
    public mutating func handle(_ event: WorkerEvent, now: Instant) -> [WorkerAction] {
        guard phase != .gone else { return [] }
        var actions: [WorkerAction] = []
        switch event {
        case .received(let message): take(message, now: now, &actions)
        case .progressed(let lease, let step): if running?.lease == lease { running?.step = step }
        case .finished(let lease): end(lease, .result(lease), now: now, &actions)
        case .failed(let lease, let failure): end(lease, .failure(lease, failure), now: now, &actions)
        case .stopped(let lease): if running?.lease == lease { stopped() }
        case .leave: leave(&actions)
        case .tick: break
        }
        passTime(now, &actions)
        startNext(&actions)
        return actions
    }

    /// How many jobs wait for the one that runs.
    public var waitingCount: Int { waiting.count }

    /// Whether the job of this grant waits for the one that runs.
    public func isWaiting(for lease: Lease) -> Bool { waiting.contains { $0.lease == lease } }

    /// When to call ``handle(_:now:)`` with ``WorkerEvent/tick`` if nothing else happens before; nil once it has left.
    public var nextTick: Instant? {
        switch phase {
        case .gone: return nil
        case .greeting(let next): return next
        case .member(let nextHeartbeat):
            let silence = lastHeard + (membership?.silenceTimeout ?? .zero)
            return min(nextHeartbeat, silence, resendAlarm ?? silence)
        }
    }

    private mutating func end(
        _ lease: Lease, _ statement: WorkerStatement, now: Instant, _ actions: inout [WorkerAction]
    ) {
        guard let running, running.lease == lease else { return }
        if running.isCancelled {
            stopped()
            actions.append(.forget(lease))
        } else {
            self.running = nil
            var nextSend = now
            if case .member = phase {
                say(statement, &actions)
                nextSend = now + policy.resendInterval
            }
            unacknowledged[lease] = Unacknowledged(statement: statement, nextSend: nextSend)
            resendAlarm = min(resendAlarm ?? nextSend, nextSend)
        }
    }

    /// The job that was told to stop has: as long as a heartbeat named it, there was nothing new for this worker.
    private mutating func stopped() {
        running = nil
        if case .member = phase { phase = .member(nextHeartbeat: lastHeard) }
    }

    private mutating func leave(_ actions: inout [WorkerAction]) {
        if case .member = phase { say(.goodbye, &actions) }
        dropAll(&actions)
        phase = .gone
        actions.append(.parted)
    }

    private mutating func passTime(_ now: Instant, _ actions: inout [WorkerAction]) {
        if case .member(let nextHeartbeat) = phase, let membership {
            if now >= lastHeard + membership.silenceTimeout {
                phase = .greeting(next: now)
            } else {
                if let resendAlarm, now >= resendAlarm { resend(now, &actions) }
                if now >= nextHeartbeat {
                    phase = .member(nextHeartbeat: now + membership.heartbeatInterval)
                    sayHeartbeat(&actions)
                }
            }
        }
        if case .greeting(let next) = phase, now >= next {
            phase = .greeting(next: now + policy.nextWait(greetings))
            greetings += 1
            actions.append(.send(.hello(node, incarnation)))
        }
    }

    private mutating func resend(_ now: Instant, _ actions: inout [WorkerAction]) {
        let due = unacknowledged.filter { now >= $0.value.nextSend }.sorted { $0.key.id < $1.key.id }
        for (lease, item) in due {
            unacknowledged[lease]?.nextSend = now + policy.resendInterval
            say(item.statement, &actions)
        }
        resendAlarm = unacknowledged.values.lazy.map(\.nextSend).min()
    }

    private mutating func startNext(_ actions: inout [WorkerAction]) {
        guard running == nil, !waiting.isEmpty else { return }
        let job = waiting.removeFirst()
        running = Running(lease: job.lease)
        actions.append(.start(job))
    }

    private mutating func sayHeartbeat(_ actions: inout [WorkerAction]) {
        statements += 1
        let running = running
        let unfinished = (running.flatMap { $0.isCancelled ? nil : [$0.lease] } ?? []) + waiting.map(\.lease)
        let holding = Holding(
            number: statements, unfinished: unfinished, finished: unacknowledged.keys.sorted { $0.id < $1.id })
        say(.heartbeat(running.map { Progress(lease: $0.lease, step: $0.step) }, holding), &actions)
    }

    private func say(_ statement: WorkerStatement, _ actions: inout [WorkerAction]) {
        guard let membership else { return }
        actions.append(.send(.said(statement, session: membership.session, incarnation: incarnation)))
    }
}
