/// The coordinator's side of a run: who is in the cluster, what they run, and when it is over.
///
/// A pure state machine: `handle(event, now)` returns what is to be done, and the time comes in from outside. The run is
/// *gathering* until nothing is left to do, or *draining* after the deadline, a drain or a cancellation until nothing
/// runs; then it is *settled*, from where questions lead back to gathering, and at last *ended*.
/// `docs/operations.md` tells the states in prose.
public struct Cluster: Sendable {
    enum Phase: Sendable, Hashable { case gathering, draining, settled, ended }

    let plan: WorkPlan
    let policy: ClusterPolicy
    var phase = Phase.gathering
    /// Why no shard is granted any more; nil while shards are.
    var closing: RunSummary.Ending?
    var shards: [Shard] = []
    var membership: Membership
    var slots: Slots
    var book: LeaseBook
    var limiter: HelloLimiter

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
        limiter = HelloLimiter(policy: policy)
        restoreOwners()
        add(plan.shards)
    }

    /// Takes in one event and returns what is to be done about it.
    ///
    /// `now` never goes back.
    public mutating func handle(_ event: Event, now: Instant) -> [Action] {
        guard phase != .ended else { return answerAfterEnd(event) }
        var actions: [Action] = []
        switch event {
        case .received(.hello(let node, let incarnation), let peer):
            hello(node, incarnation, from: peer, now: now, &actions)
        case .received(.said(let statement, let session, let incarnation), let peer):
            if let node = membership.hear(session, incarnation, from: peer, now: now) {
                take(statement, from: node, now: now, &actions)
            } else {
                answerStranger(peer, now: now, &actions)
            }
        case .stored(let lease): stored(lease, &actions)
        case .ask(let shards): ask(shards, now: now)
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
        var instants = membership.present.flatMap { member in
            [member.lastHeard + policy.silenceTimeout] + (member.nextLimit(policy: policy).map { [$0] } ?? [])
        }
        if phase == .gathering || book.leasedCount > 0 { instants.append(plan.deadline) }
        return instants.min()
    }

    /// What the run has come to so far.
    public var summary: RunSummary { summarize() }

    private mutating func finish(_ actions: inout [Action]) {
        close(.cancelled)
        revokeAll(&actions)
        actions += membership.present.map { .send(.goodbye, to: $0.peer) }
        phase = .ended
        actions.append(.ended(summarize()))
    }

    private func answerAfterEnd(_ event: Event) -> [Action] {
        guard case .received(_, let peer) = event else { return [] }
        return [.send(.goodbye, to: peer)]
    }
}
