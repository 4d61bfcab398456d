/// What the coordinator knows of one node.
struct Member: Sendable {
    enum Standing: Sendable, Hashable {
        /// Known by name only: from results of an earlier coordinator, or from a question put to it.
        case expected
        case present
        case absent(Loss)
    }

    /// The process that speaks for the node, or spoke last.
    struct Connection: Sendable, Hashable {
        let incarnation: Incarnation
        let session: SessionID
        var peer: Peer
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
    private(set) var standing = Standing.expected
    /// Nil until its first Welcome.
    private(set) var connection: Connection?
    var lastHeard = Instant(sinceOrigin: .zero)
    /// In the order of the grants, which is the order in which the node runs them.
    private(set) var held: [Held] = []
    /// The job that came to a standstill; while the node reports that it still runs it, it gets no other.
    private(set) var stuckOn: Lease?
    /// Whether it is to finish what it runs and get no more.
    ///
    /// Outlasts the process: the order is for the node.
    var isDraining = false
    /// The number of the method of the job granted last.
    private(set) var method: Int?
    /// Where it left off looking for work of others.
    var search = Search()

    init(node: NodeID) {
        self.node = node
    }

    var isPresent: Bool { standing == .present }
    /// Whether it can be given a job.
    var canWork: Bool { standing == .present && stuckOn == nil && !isDraining }
    /// Where to send messages to; nil before its first Welcome.
    var peer: Peer? { connection?.peer }

    /// Makes it present with a new session.
    mutating func enter(_ connection: Connection, now: Instant) {
        standing = .present
        self.connection = connection
        lastHeard = now
        method = nil
        stuckOn = nil
        search = Search()
    }

    /// The same process speaks over a new connection.
    mutating func reconnect(_ peer: Peer, now: Instant) {
        connection?.peer = peer
        lastHeard = now
    }

    /// Ends its presence; it holds nothing any more.
    mutating func leave(_ loss: Loss) {
        standing = .absent(loss)
        stuckOn = nil
    }

    /// Takes a job of the method numbered `method` on.
    mutating func take(_ lease: Lease, method: Int, now: Instant) {
        held.append(Held(lease: lease))
        self.method = method
        beginFirst(now: now)
    }

    /// Gives a lease up, and returns when it could begin it; the next one begins now.
    @discardableResult
    mutating func drop(_ lease: Lease, now: Instant) -> Instant? {
        guard let index = held.firstIndex(where: { $0.lease == lease }) else { return nil }
        let begun = held.remove(at: index).begun
        beginFirst(now: now)
        return begun
    }

    /// Gives all leases up and returns them, the one that ran first.
    mutating func dropAll() -> [Lease] {
        defer { held = [] }
        return held.map(\.lease)
    }

    /// Gives up the leases behind the first and returns them.
    mutating func dropWaiting() -> [Lease] {
        defer { held = Array(held.prefix(1)) }
        return held.dropFirst().map(\.lease)
    }

    /// Gets no job until it reports that it runs another than `lease`, or none.
    mutating func stick(on lease: Lease) { stuckOn = lease }

    /// Notes what a heartbeat says; returns whether it can be given jobs again.
    mutating func note(_ progress: Progress?, now: Instant) -> Bool {
        var isFreed = false
        if let stuckOn, progress?.lease != stuckOn {
            self.stuckOn = nil
            isFreed = true
        }
        guard let progress, let index = held.firstIndex(where: { $0.lease == progress.lease }),
            held[index].step != progress.step
        else { return isFreed }
        held[index].step = progress.step
        held[index].lastProgress = now
        return isFreed
    }

    /// Takes no account of a time in which nobody listened to it.
    mutating func forgive(_ time: Duration, now: Instant) {
        lastHeard = now
        for index in held.indices {
            held[index].begun = held[index].begun.map { $0 + time }
            held[index].lastProgress = held[index].lastProgress.map { $0 + time }
        }
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
