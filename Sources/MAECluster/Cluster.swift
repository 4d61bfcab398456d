/// The coordinator's side of a run: who is in the cluster, what they run, and when it is over.
///
/// A pure state machine: `handle(event, now)` returns what is to be done, and the time comes in from outside. The run is
/// *gathering* until nothing is left to do, or *draining* after the deadline, a drain or a cancellation until nothing
/// runs; then it is *settled*, from where questions lead back to gathering, and at last *ended*.
/// `docs/operations.md` tells the states in prose.
///
/// An event costs what it concerns: the node it comes from, and those that may want what it sets free. Nobody is looked at
/// in vain: nodes that may want work stand in a list, and those whose time may have come in another.
public struct Cluster: Sendable {
    enum Phase: Sendable, Hashable { case gathering, draining, settled, ended }

    let plan: WorkPlan
    let policy: ClusterPolicy
    var phase = Phase.gathering
    /// Why no shard is granted any more; nil while shards are.
    var closing: RunSummary.Ending?
    var shards = ShardTable()
    var membership: Membership
    var slots: Slots
    var book: LeaseBook
    var limiter: HelloLimiter
    var alarms = Alarms()
    var market = Market()
    var pace = Pace()
    var coverings: [Int: Covering] = [:]
    /// The time of the last event.
    private var lastNow = Instant(sinceOrigin: .zero)

    /// Begins a run, or carries one on.
    ///
    /// `firstSession` is drawn at random by the caller, so that sessions of an earlier coordinator are not mistaken for
    /// sessions of this one.
    public init(plan: WorkPlan, policy: ClusterPolicy = ClusterPolicy(), firstSession: SessionID) {
        self.plan = plan
        self.policy = policy
        membership = Membership(policy: policy, firstSession: firstSession)
        slots = Slots(count: plan.workers)
        book = LeaseBook(floor: plan.lastEpoch, triesPerNode: policy.triesPerNode)
        for _ in 0..<plan.workers { book.openSlot() }
        limiter = HelloLimiter(policy: policy)
        restoreOwners()
        add(plan.shards)
        restoreResults()
    }

    /// Takes in one event and returns what is to be done about it.
    ///
    /// `now` never goes back.
    public mutating func handle(_ event: Event, now: Instant) -> [Action] {
        guard phase != .ended else { return answerAfterEnd(event) }
        if let due = nextTick, now > due + policy.lateness { forgive(now - lastNow, now: now) }
        lastNow = now
        var actions: [Action] = []
        switch event {
        case .received(.hello(let node, let incarnation, let jobs), let peer):
            hello(node, incarnation, jobs: jobs, from: peer, now: now, &actions)
        case .received(.said(let statement, let session, let incarnation), let peer):
            if let node = membership.hear(session, incarnation, from: peer, now: now) {
                take(statement, from: node, now: now, &actions)
            } else {
                answerStranger(peer, now: now, &actions)
            }
        case .stored(let lease): stored(lease, &actions)
        case .ask(let shards): ask(shards, now: now, &actions)
        case .expel(let identity): expel(identity, &actions)
        case .drainNode(let node): drain(node, &actions)
        case .undrainNode(let node): undrain(node, &actions)
        case .drain: close(.drained)
        case .cancel:
            close(.cancelled)
            revokeAll(&actions)
        case .finish: finish(&actions)
        case .tick: break
        }
        passTime(now, &actions)
        grantAll(now: now, &actions)
        settle(&actions)
        return actions
    }

    /// When to call ``handle(_:now:)`` with ``Event/tick`` if nothing else happens before; nil when nothing is awaited.
    public var nextTick: Instant? {
        guard phase != .ended else { return nil }
        if phase == .gathering, !market.hungry.isEmpty { return lastNow }
        let isDeadlineAwaited = phase == .gathering || book.leasedCount > 0
        // Often enough for a time in which this coordinator did not run to be told from one in which nobody spoke.
        let nextLook = membership.sessions.isEmpty ? nil : lastNow + policy.heartbeatInterval
        return [alarms.next, isDeadlineAwaited ? plan.deadline : nil, nextLook].compactMap { $0 }.min()
    }

    /// What the run has come to so far.
    public var summary: RunSummary { summarize() }

    private mutating func finish(_ actions: inout [Action]) {
        close(.cancelled)
        revokeAll(&actions)
        for number in membership.present { send(.goodbye, to: number, &actions) }
        phase = .ended
        actions.append(.ended(summarize()))
    }

    private func answerAfterEnd(_ event: Event) -> [Action] {
        guard case .received(_, let peer) = event else { return [] }
        return [.send(.goodbye, to: peer)]
    }

    /// Says something to a node that was welcomed.
    func send(_ message: CoordinatorMessage, to number: NodeNumber, _ actions: inout [Action]) {
        if let peer = membership[number].peer { actions.append(.send(message, to: peer)) }
    }
}
