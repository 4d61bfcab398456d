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
        /// When its job was sent last.
        var sent: Instant
        /// How often it was sent again because the node, asked by its heartbeats, did not have it.
        var resends = 0
        /// Whether the node has said that it has it.
        var isNamed = false
        /// When its turn came: all leases before it were done.
        var turn: Instant?
        /// When both had come true: from then on it may be overdue.
        var begun: Instant?
        var lastProgress: Instant?
        var step: UInt64?

        /// When the node could begin it, as far as is known here.
        var start: Instant? { turn.map { max($0, sent) } }

        mutating func beginIfReady(_ now: Instant) { if isNamed, turn != nil, begun == nil { begun = now } }
    }

    /// How often a job is sent again before its node is said not to take it.
    static let mostResends = 3

    let node: NodeID
    private(set) var standing = Standing.expected
    /// Nil until its first Welcome.
    private(set) var connection: Connection?
    var lastHeard = Instant(sinceOrigin: .zero)
    /// In the order in which the node runs them: that of the grants, as long as it says nothing else.
    private(set) var held: [Held] = []
    /// What it said that it runs, or what it must have run when that was taken from it; nil once that is done.
    private var running: Lease?
    /// The job that came to a standstill; while the node reports that it still runs it, it gets no other.
    private(set) var stuckOn: Lease?
    /// The latest of its numbered statements of what it has in hand; 0 where there was none.
    private var lastStatement: UInt64 = 0
    /// Whether it has sent a heartbeat without such a statement, as older workers do.
    private var isTerse = false
    /// Whether it is to finish what it runs and get no more.
    ///
    /// Outlasts the process: the order is for the node.
    var isDraining = false
    /// How many jobs it takes at once.
    var mostJobs = Int.max
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
        running = nil
        stuckOn = nil
        search = Search()
        lastStatement = 0
        isTerse = false
    }

    /// The same process speaks over a new connection.
    mutating func reconnect(_ peer: Peer, now: Instant) {
        connection?.peer = peer
        lastHeard = now
        for index in held.indices { (held[index].sent, held[index].resends) = (now, 0) }
    }

    /// Ends its presence; it holds nothing any more.
    mutating func leave(_ loss: Loss) {
        standing = .absent(loss)
        stuckOn = nil
    }

    /// Takes a job of the method numbered `method` on.
    mutating func take(_ lease: Lease, method: Int, now: Instant) {
        held.append(Held(lease: lease, sent: now, isNamed: isTerse))
        self.method = method
        beginFirst(now: now)
    }

    /// Gives a lease up, and returns when the node could begin it; the next one has its turn now.
    ///
    /// When the node has not done with it (`isTaken`), it may well run on.
    @discardableResult
    mutating func drop(_ lease: Lease, isTaken: Bool, now: Instant) -> Instant? {
        guard let index = held.firstIndex(where: { $0.lease == lease }) else { return nil }
        if isTaken, index == 0 { running = running ?? lease }
        if !isTaken, running == lease { running = nil }
        let start = held.remove(at: index).start
        beginFirst(now: now)
        return start
    }

    /// Gives all leases up and returns them, the one that ran first.
    mutating func dropAll() -> [Held] {
        defer { held = [] }
        return held
    }

    /// Gives up the leases behind the first and returns them.
    mutating func dropWaiting() -> [Lease] {
        defer { held = Array(held.prefix(1)) }
        return held.dropFirst().map(\.lease)
    }

    /// Gets no job until it reports that it runs another than `lease`, or none.
    mutating func stick(on lease: Lease) { stuckOn = lease }

    /// Whether a statement of what it has in hand is later than all before it.
    mutating func isNews(_ holding: Holding) -> Bool {
        guard holding.number > lastStatement else { return false }
        lastStatement = holding.number
        return true
    }

    /// Whether a lease that is held may have been the end of the node: it is its turn, the node has not said that it runs
    /// another, and no heartbeat has told that it never got it.
    func mayRun(_ held: Held) -> Bool {
        held.turn != nil && held.resends == 0 && (running ?? held.lease) == held.lease
    }

    /// Notes what a heartbeat says of the job that runs; returns whether the node can be given jobs again.
    mutating func note(_ progress: Progress?, now: Instant) -> Bool {
        running = progress?.lease
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

    /// Notes which leases the node has named; where it names none at all, it is believed to have what was sent to it.
    mutating func note(_ holding: Holding?, now: Instant) {
        isTerse = holding == nil
        if let holding { sort(by: holding, now: now) }
        for index in held.indices where holding?.names(held[index].lease) ?? true {
            held[index].isNamed = true
            held[index].resends = 0
            held[index].beginIfReady(holding == nil ? held[index].turn ?? now : now)
        }
    }

    /// Puts leases in the order in which the node has them: a job that was lost comes after others when it is sent again.
    ///
    /// What it has not named follows, then that of which the result is to come.
    private mutating func sort(by holding: Holding, now: Instant) {
        let named = holding.unfinished.compactMap { lease in held.first { $0.lease == lease } }
        let (done, unknown) = (
            held.filter { holding.finished.contains($0.lease) }, held.filter { !holding.names($0.lease) }
        )
        let first = held.first?.lease
        held = named + unknown + done
        guard let former = held.firstIndex(where: { $0.lease == first }), former > 0 else { return }
        (held[former].turn, held[former].begun) = (nil, nil)
        beginFirst(now: now)
    }

    /// Notes that the job of a lease is sent again.
    mutating func resend(_ lease: Lease, now: Instant) {
        guard let index = held.firstIndex(where: { $0.lease == lease }) else { return }
        held[index].sent = now
        held[index].resends += 1
    }

    /// Takes no account of a time in which nobody listened to it.
    mutating func forgive(_ time: Duration, now: Instant) {
        lastHeard = now
        for index in held.indices {
            held[index].sent = held[index].sent + time
            held[index].turn = held[index].turn.map { $0 + time }
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
        guard !held.isEmpty else { return }
        held[0].turn = held[0].turn ?? now
        held[0].beginIfReady(now)
    }
}
