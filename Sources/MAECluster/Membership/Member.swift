import MAEDomain

/// What the coordinator knows of one node.
@usableFromInline
struct Member: Sendable {
    /// The process that speaks for the node, or spoke last.
    struct Connection: Sendable, Hashable {
        let incarnation: Incarnation
        let session: SessionID
        var peer: Peer
    }

    /// A lease the node holds, and the last sign of progress on it.
    @usableFromInline struct Held: Sendable, Hashable {
        let lease: Lease
        /// When its job was sent last.
        var lastSent: Instant
        /// How many times it was sent again because the node's heartbeats did not name it.
        var resends = 0
        /// Whether the node has said that it has it.
        var isNamed = false
        /// When it became the first that the node holds: all leases before it were done.
        var becameHead: Instant?
        /// When it was both named and the first: the node runs it since, and it may be overdue.
        var executionStarted: Instant?
        var lastProgress: Instant?
        var step: UInt64?
        /// Whether the node says that it is fetching the files of the job.
        var isFetching = false
        /// When a part of them was last sent to it, and how long it has fetched in all, as the coordinator saw it.
        var lastFetched: Instant?
        var fetched = Duration.zero

        /// When the node could start it, as far as is known here.
        var earliestStart: Instant? { becameHead.map { max($0, lastSent) } }

        mutating func startIfReady(_ now: Instant) {
            if isNamed, becameHead != nil, executionStarted == nil { executionStarted = now }
        }
    }

    /// A lease whose job the node may have run when it fell silent, which may have ended its process.
    struct Suspicion: Sendable, Hashable {
        let lease: Lease
        /// When it was noticed.
        let since: Instant
        /// Whether the node is counted as crashed over it.
        var isCounted = false
    }

    /// How many times a job is sent again before its node is said not to take it.
    static let mostResends = 3

    let node: NodeID
    private(set) var standing = NodeStanding.expected
    /// Nil until its first Welcome.
    private(set) var connection: Connection?
    @usableFromInline private(set) var lastHeard = Instant(sinceOrigin: .zero)
    /// In the order in which the node runs them: that of the grants, as long as it says nothing else.
    @usableFromInline private(set) var held: [Held] = []
    /// The job that the node said it runs, or that it must have run when that was taken from it; nil once it is done.
    private var running: Lease?
    /// The job without progress; while the node reports that it still runs it, it gets no other.
    private(set) var stalledLease: Lease?
    /// The latest of its numbered statements of what it has in hand; 0 where there was none.
    private var lastStatement: UInt64 = 0
    /// Whether its last heartbeat did not name leases: they did not fit into the message.
    private var omitsLeases = false
    /// What is to be settled when it comes back.
    private(set) var suspicions: [Suspicion] = []
    /// Whether it is to finish what it runs and get no more.
    ///
    /// Outlasts the process: the order is for the node.
    private(set) var isDraining = false
    /// How many jobs it takes at once.
    private(set) var mostJobs = Int.max
    /// The number of the method of the job granted last.
    @usableFromInline private(set) var method: Int?

    init(node: NodeID) {
        self.node = node
    }

    @usableFromInline
    var isPresent: Bool { standing == .present }
    /// Whether its slot may be taken over: it is gone, or drained.
    var isAway: Bool { !isPresent || (isDraining && held.isEmpty) }
    /// Whether it can be given a job.
    @usableFromInline
    var canWork: Bool { standing == .present && stalledLease == nil && !isDraining }
    /// Where to send messages to; nil before its first Welcome.
    @usableFromInline
    var peer: Peer? { connection?.peer }

    /// Makes it present with a new session.
    mutating func enter(_ connection: Connection, jobs: Int, now: Instant) {
        standing = .present
        self.connection = connection
        mostJobs = max(jobs, 1)
        lastHeard = now
        method = nil
        running = nil
        stalledLease = nil
        lastStatement = 0
        omitsLeases = false
        suspicions = []
    }

    /// The same process speaks over a new connection.
    mutating func reconnect(_ peer: Peer, now: Instant) {
        connection?.peer = peer
        lastHeard = now
        for index in held.indices { (held[index].lastSent, held[index].resends) = (now, 0) }
    }

    /// It fell silent over leases whose jobs it may have run.
    mutating func suspect(_ suspects: [Lease], since now: Instant) {
        suspicions = suspects.map { Suspicion(lease: $0, since: now) }
    }

    /// It is counted as crashed.
    mutating func count(_ suspicion: Suspicion) {
        for index in suspicions.indices where suspicions[index] == suspicion { suspicions[index].isCounted = true }
    }

    /// It was heard.
    mutating func hear(_ now: Instant) { lastHeard = now }

    /// It is to drain, or to work again.
    mutating func setDraining(_ isDraining: Bool) { self.isDraining = isDraining }

    /// Ends its presence; it holds nothing any more.
    mutating func leave(_ loss: Loss) {
        standing = .absent(loss)
        stalledLease = nil
    }

    /// Adds a grant of a job of the method numbered `method`.
    mutating func add(_ lease: Lease, method: Int, now: Instant) {
        held.append(Held(lease: lease, lastSent: now, isNamed: omitsLeases))
        self.method = method
        startFirst(now: now)
    }

    /// Removes a lease, and returns when the node could start it; the next one is the first now.
    ///
    /// When the lease is taken from the node (`isTaken`) rather than ended by it, the node may go on running it.
    @discardableResult
    mutating func drop(_ lease: Lease, isTaken: Bool, now: Instant) -> Instant? {
        guard let index = held.firstIndex(where: { $0.lease == lease }) else { return nil }
        if isTaken, index == 0 { running = running ?? lease }
        if !isTaken, running == lease { running = nil }
        let start = held.remove(at: index).earliestStart
        startFirst(now: now)
        return start
    }

    /// Removes all leases and returns them, the one that ran first.
    mutating func dropAll() -> [Held] {
        defer { held = [] }
        return held
    }

    /// Removes the leases behind the first and returns them.
    mutating func dropWaiting() -> [Lease] {
        defer { held = Array(held.prefix(1)) }
        return held.dropFirst().map(\.lease)
    }

    /// Gets no job until it reports that it runs another than `lease`, or none.
    mutating func stall(on lease: Lease) { stalledLease = lease }

    /// Whether a statement of what it has in hand is later than all before it.
    mutating func isNews(_ inHand: LeasesInHand) -> Bool {
        guard inHand.number > lastStatement else { return false }
        lastStatement = inHand.number
        return true
    }

    /// Whether the job of a held lease may have crashed the node: it is the first, the node has not said that it runs another,
    /// and no heartbeat has shown that the job never arrived.
    func mayRun(_ held: Held) -> Bool {
        held.becameHead != nil && held.resends == 0 && (running ?? held.lease) == held.lease
    }

    /// Takes in what a heartbeat says of the job that runs; returns whether the node can be given jobs again.
    mutating func record(_ progress: JobProgress?, now: Instant) -> Bool {
        running = progress?.lease
        var isFreed = false
        if let stalledLease, progress?.lease != stalledLease {
            self.stalledLease = nil
            isFreed = true
        }
        guard let progress, let index = held.firstIndex(where: { $0.lease == progress.lease }) else { return isFreed }
        held[index].isFetching = progress.stage == .fetching
        guard held[index].step != progress.count else { return isFreed }
        held[index].step = progress.count
        held[index].lastProgress = now
        return isFreed
    }

    /// A part of a file that it did not have was sent to it: what it says of its fetching is so.
    ///
    /// A pause counts as fetching for `longestPause` at most.
    mutating func fetched(longestPause: Duration, now: Instant) {
        guard let first = held.first, first.isFetching, let started = first.executionStarted else { return }
        let since = max(first.lastFetched ?? started, started)
        held[0].fetched += min(now - since, longestPause)
        held[0].lastFetched = now
    }

    /// Takes in which leases a heartbeat names; a node that names none at all is believed to have what was sent to it.
    mutating func record(_ inHand: LeasesInHand?, now: Instant) {
        omitsLeases = inHand == nil
        if let inHand { sort(by: inHand, now: now) }
        for index in held.indices where inHand?.names(held[index].lease) ?? true {
            held[index].isNamed = true
            held[index].resends = 0
            held[index].startIfReady(inHand == nil ? held[index].becameHead ?? now : now)
        }
    }

    /// Puts leases in the order in which the node has them: a job that was lost comes after others when it is sent again.
    ///
    /// Leases that the node has not named follow, then those whose results are on the way.
    private mutating func sort(by inHand: LeasesInHand, now: Instant) {
        let named = inHand.unfinished.compactMap { lease in held.first { $0.lease == lease } }
        let (done, unknown) = (
            held.filter { inHand.finished.contains($0.lease) }, held.filter { !inHand.names($0.lease) }
        )
        let first = held.first?.lease
        held = named + unknown + done
        guard let former = held.firstIndex(where: { $0.lease == first }), former > 0 else { return }
        (held[former].becameHead, held[former].executionStarted) = (nil, nil)
        startFirst(now: now)
    }

    /// Records that the job of a lease is sent again.
    mutating func resend(_ lease: Lease, now: Instant) {
        guard let index = held.firstIndex(where: { $0.lease == lease }) else { return }
        held[index].lastSent = now
        held[index].resends += 1
    }

    /// Moves all deadlines of the node by a time in which the coordinator itself did not run.
    mutating func extendDeadlines(by time: Duration, now: Instant) {
        lastHeard = now
        for index in held.indices {
            held[index].lastSent = held[index].lastSent + time
            held[index].becameHead = held[index].becameHead.map { $0 + time }
            held[index].executionStarted = held[index].executionStarted.map { $0 + time }
            held[index].lastProgress = held[index].lastProgress.map { $0 + time }
            held[index].lastFetched = held[index].lastFetched.map { $0 + time }
        }
    }

    /// Why the job it runs must be revoked at `now`, if it must; `runLimit` is how long it may run.
    func overdue(at now: Instant, policy: ClusterPolicy, runLimit: Duration) -> Cause? {
        guard let limits = limits(policy, runLimit) else { return nil }
        if now >= limits.expiry { return .expired }
        return now >= limits.stall ? .stalled : nil
    }

    /// When the job it runs will be overdue, unless there is progress.
    func nextLimit(policy: ClusterPolicy, runLimit: Duration) -> Instant? {
        limits(policy, runLimit).map { min($0.stall, $0.expiry) }
    }

    private func limits(_ policy: ClusterPolicy, _ runLimit: Duration) -> (stall: Instant, expiry: Instant)? {
        guard let first = held.first, let started = first.executionStarted else { return nil }
        let lastSign = max(started, first.lastProgress ?? started)
        return (lastSign + policy.stallTimeout, started + min(runLimit + first.fetched, policy.leaseLimit))
    }

    private mutating func startFirst(now: Instant) {
        guard !held.isEmpty else { return }
        held[0].becameHead = held[0].becameHead ?? now
        held[0].startIfReady(now)
    }
}
