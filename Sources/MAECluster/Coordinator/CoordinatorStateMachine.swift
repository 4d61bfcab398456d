import MAEDomain

/// The coordinator's side of a run: who is in the cluster, what they run, and when it is over.
///
/// A pure state machine: `handle(event, now)` returns what is to be done, and the time comes in from outside. The run is
/// *gathering* until nothing is left to do, or *draining* after the deadline, a drain or a cancellation until nothing
/// runs; then it is *settled*, from where re-runs lead back to gathering, and at last *ended*.
/// `docs/operations.md` tells the states in prose.
///
/// It is made of four machines with private state, and is itself only what happens between them: ``Membership`` (who is
/// there and holds what), ``LeaseTable`` (what is granted, waits and is done), ``Scheduler`` (who runs what next) and
/// ``Speculation`` (what runs too long).
///
/// What it does not look at travels through it: what a node says of itself (`Introduction`), what a shard stands for
/// (`Work`), and what comes of it (`Output`).
///
/// What every result passes through is `@inlinable`: the module that chooses the three types compiles it for them. Compiled
/// for any types, the machine took twice as long for a shard, most of it to look types up.
public struct CoordinatorStateMachine<Introduction: Sendable, Work: Sendable, Output: Sendable>: Sendable {
    @usableFromInline enum Phase: Sendable, Hashable { case gathering, draining, settled, ended }

    /// The number of different nodes expected.
    @usableFromInline let workers: Int
    /// When the run ends, whatever is still missing then.
    @usableFromInline let deadline: Instant
    @usableFromInline let policy: ClusterPolicy
    /// What is to be run, by row in the table of shards.
    @usableFromInline var shards: [Shard<Work>] = []
    @usableFromInline var phase = Phase.gathering
    /// Whether nothing is granted for a while.
    @usableFromInline var isGrantingSuspended = false
    /// Why no shard is granted any more; nil while shards are.
    private(set) var closing: RunEnding?
    @usableFromInline var membership: Membership
    @usableFromInline var leases: LeaseTable
    @usableFromInline var scheduler: Scheduler
    @usableFromInline var speculation: Speculation
    @usableFromInline var alarms = Alarms()
    /// The time of the last event.
    @usableFromInline var lastNow = Instant(sinceOrigin: .zero)

    /// Begins a run, or carries one on.
    ///
    /// `firstSession` is drawn at random by the caller, so that sessions of an earlier coordinator are not mistaken for
    /// sessions of this one.
    public init(plan: WorkPlan<Work>, policy: ClusterPolicy = ClusterPolicy(), firstSession: SessionID) {
        workers = plan.workers
        deadline = plan.deadline
        self.policy = policy
        membership = Membership(policy: policy, firstSession: firstSession)
        leases = LeaseTable(plan, policy: policy)
        scheduler = Scheduler(workers: plan.workers, policy: policy)
        speculation = Speculation(policy: policy)
        if let history = plan.history { scheduler.restoreOwners(history, &leases, &membership) }
        add(plan.shards)
        for result in plan.history?.results ?? [] {
            let node = membership.number(of: result.node)
            leases.restore(result.shard, by: node, slot: scheduler.slot(of: node))
        }
    }

    /// Takes in one event and returns what is to be done about it.
    ///
    /// `now` never goes back.
    @inlinable
    public mutating func handle(_ event: Event, now: Instant) -> [Action] {
        guard phase != .ended else { return answerAfterEnd(event) }
        if let due = nextTick, now > due + policy.lateness {
            // What nodes said while this coordinator did not run is still to be heard.
            membership.extendDeadlines(by: now - lastNow, now: now)
        }
        lastNow = now
        var actions: [Action] = []
        switch event {
        case .received(.hello(let node, let incarnation, let jobs, let introduction), let peer):
            hello(node, incarnation, jobs: jobs, introduction, from: peer, now: now, &actions)
        case .received(.said(let statement, let session, let incarnation), let peer):
            if let node = membership.hear(session, incarnation, from: peer, now: now) {
                receive(statement, from: node, now: now, &actions)
            } else if admits(peer, now: now, &actions) {
                actions.append(.send(.reject(.unknownWorker), to: peer))
            }
        case .stored(let lease): stored(lease, &actions)
        case .rerun(let shards): rerun(shards, now: now, &actions)
        case .fetched(let identity): fetched(identity, now: now)
        case .expel(let identity): expel(identity, &actions)
        case .drainNode(let node): drain(node, &actions)
        case .undrainNode(let node): undrain(node, &actions)
        case .suspendGrants: isGrantingSuspended = true
        case .resumeGrants: isGrantingSuspended = false
        case .drainRun: close(.drained)
        case .cancel:
            close(.cancelled)
            revokeAll(&actions)
        case .finish: finish(&actions)
        case .tick: break
        }
        passTime(now, &actions)
        if mayGrant, scheduler.isAnyRunnable { grantAll(now: now, &actions) }
        settle(&actions)
        return actions
    }

    /// When to call ``handle(_:now:)`` with ``Event/tick`` if nothing else happens before; nil when nothing is awaited.
    @inlinable
    public var nextTick: Instant? {
        guard phase != .ended else { return nil }
        if mayGrant, scheduler.isAnyRunnable { return lastNow }
        var next = alarms.next
        if phase == .gathering || leases.leasedCount > 0 { next = min(next ?? deadline, deadline) }
        // Often enough to tell a time in which this coordinator did not run from one in which no node spoke.
        if !membership.sessions.isEmpty {
            let look = lastNow + policy.heartbeatInterval
            next = min(next ?? look, look)
        }
        return next
    }

    @usableFromInline var mayGrant: Bool { phase == .gathering && !isGrantingSuspended }

    /// What the run has come to so far.
    public var summary: RunSummary<Work> { summarize() }

    /// Sends a message to a node that was welcomed.
    @inlinable
    func send(_ message: CoordinatorMessage<Job<Work>>, to number: NodeNumber, _ actions: inout [Action]) {
        if let peer = membership.peer(of: number) { actions.append(.send(message, to: peer)) }
    }

    /// The job of a grant that is the latest of its lease.
    @inlinable
    func job(of lease: Lease) -> Job<Work>? { leases[lease].map { Job(lease: lease, shard: shards[$0.row]) } }

    // MARK: The run

    private mutating func add(_ added: [Shard<Work>]) {
        let ordered = added.inRunOrder()
        shards += ordered
        leases.add(ordered, &membership)
        for case .node(let node) in added.map(\.placement) { scheduler.enqueue(membership.number(of: node)) }
        for slot in scheduler.owners.indices { scheduler.offer(.slot(slot), leases, membership) }
    }

    @usableFromInline
    mutating func rerun(_ added: [Shard<Work>], now: Instant, _ actions: inout [Action]) {
        guard closing == nil, now < deadline else {
            phase = .draining
            return
        }
        precondition(
            added.allSatisfy { leases.shards.row(of: $0.id) == nil }, "a re-run has a shard identifier of its own")
        phase = .gathering
        add(added)
        for case .node(let node) in added.map(\.placement) {
            abandonReruns(of: membership.number(of: node), &actions)
        }
    }

    /// Grants no more, for `reason`.
    @usableFromInline
    mutating func close(_ reason: RunEnding) {
        guard closing == nil, phase == .gathering else { return }
        closing = reason
        phase = .draining
    }

    /// Says that the run is settled when it has come to that.
    @inlinable
    mutating func settle(_ actions: inout [Action]) {
        guard leases.storingCount == 0, phase != .settled, phase != .ended else { return }
        // While nothing may be granted, nodes that wait for work do not hold up a run that has everything.
        let isAnyWorkAwaited = scheduler.isAnyRunnable && (mayGrant || leases.shards.unmetCount > 0)
        if phase == .gathering, leases.shards.isAnyAttainable || isAnyWorkAwaited { return }
        for (lease, node) in speculation.surplus(leases) {
            revoke(lease, of: node, .runEnded, now: membership[node].lastHeard, &actions)
        }
        guard leases.leasedCount == 0 else { return }
        phase = .settled
        actions.append(.settled(summarize()))
    }

    @usableFromInline
    mutating func finish(_ actions: inout [Action]) {
        close(.cancelled)
        revokeAll(&actions)
        for number in membership.present { send(.goodbye, to: number, &actions) }
        phase = .ended
        actions.append(.ended(summarize()))
    }

    @usableFromInline
    func answerAfterEnd(_ event: Event) -> [Action] {
        guard case .received(_, let peer) = event else { return [] }
        return [.send(.goodbye, to: peer)]
    }

    // MARK: Time

    /// Finds nodes that fell silent and jobs without progress, and looks at the deadline.
    @inlinable
    mutating func passTime(_ now: Instant, _ actions: inout [Action]) {
        guard phase != .ended else { return }
        while let number = alarms.take(now) { examine(number, now, &actions) }
        if now >= deadline {
            close(.deadline)
            revokeAll(&actions)
        }
    }
}
