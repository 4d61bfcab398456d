/// What the coordinator knows of one node.
struct Member: Sendable {
    enum Standing: Sendable, Hashable {
        case present
        case absent(Loss)
    }

    /// A lease the node holds, and the last sign of progress on it.
    struct Held: Sendable, Hashable {
        let lease: Lease
        /// When the node could begin it: all leases before it were done.
        var begun: Instant?
        var lastProgress: Instant?
        var step: UInt64?
    }

    let node: NodeID
    var incarnation: Incarnation
    var session: SessionID
    var peer: Peer
    var lastHeard: Instant
    var standing = Standing.present
    /// In the order of the grants, which is the order in which the node runs them.
    private(set) var held: [Held] = []
    /// The job that came to a standstill; while the node reports that it still runs it, it gets no other.
    var stuckOn: Lease?
    /// The method of the job granted last.
    var method: String?

    init(node: NodeID, incarnation: Incarnation, session: SessionID, peer: Peer, now: Instant) {
        self.node = node
        self.incarnation = incarnation
        self.session = session
        self.peer = peer
        lastHeard = now
    }

    var isPresent: Bool { standing == .present }
    /// Whether it can be given a job.
    var canWork: Bool { isPresent && stuckOn == nil }

    /// Takes a job on.
    mutating func take(_ job: Job, now: Instant) {
        held.append(Held(lease: job.lease))
        method = job.shard.method
        beginFirst(now: now)
    }

    /// Gives a lease up; the next one begins now.
    mutating func drop(_ lease: Lease, now: Instant) {
        held.removeAll { $0.lease == lease }
        beginFirst(now: now)
    }

    /// Gives all leases up and returns them, the one that ran first.
    mutating func dropAll() -> [Lease] {
        defer { held = [] }
        return held.map(\.lease)
    }

    /// Notes what a heartbeat says.
    mutating func note(_ progress: Progress?, now: Instant) {
        if let stuckOn, progress?.lease != stuckOn { self.stuckOn = nil }
        guard let progress, let index = held.firstIndex(where: { $0.lease == progress.lease }),
            held[index].step != progress.step
        else { return }
        held[index].step = progress.step
        held[index].lastProgress = now
    }

    /// Why the job it runs must be revoked at `now`, if it must.
    func overdue(at now: Instant, policy: ClusterPolicy) -> Cause? {
        guard let limits = limits(policy: policy) else { return nil }
        if now >= limits.expiry { return .expired }
        return now >= limits.stall ? .stalled : nil
    }

    /// When the job it runs will be overdue, unless there is progress.
    func nextLimit(policy: ClusterPolicy) -> Instant? {
        limits(policy: policy).map { min($0.stall, $0.expiry) }
    }

    private func limits(policy: ClusterPolicy) -> (stall: Instant, expiry: Instant)? {
        guard let first = held.first, let begun = first.begun else { return nil }
        let lastSign = max(begun, first.lastProgress ?? begun)
        return (lastSign + policy.stallTimeout, begun + policy.leaseLimit)
    }

    private mutating func beginFirst(now: Instant) {
        if !held.isEmpty, held[0].begun == nil { held[0].begun = now }
    }
}
