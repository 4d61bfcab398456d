import MAEDomain

/// Who is in the cluster: names, incarnations, sessions and signs of life.
///
/// A node is *present* from its Welcome until it falls silent, is superseded or says Goodbye; then it is *absent*, and
/// its session with it is void. A name is never forgotten within a run.
@usableFromInline
struct Membership: Sendable {
    enum Hello {
        /// A name whose node was not present before in this run.
        case joined
        /// A name seen before whose node was absent, or whose older process fell quiet: `superseded` is the member as it
        /// was, with the leases that it holds no more. An absent one may have been under suspicions, and be the same process.
        case returned(superseded: Member?, suspicions: [Member.Suspicion], isSameProcess: Bool)
        /// The same process again, over a new connection: it keeps its session and its leases.
        case reconnected
        case rejected(Rejection)
    }

    private let policy: ClusterPolicy
    private var members: [Member] = []
    private var numbers: [NodeID: NodeNumber] = [:]
    /// Sessions of present members.
    @usableFromInline private(set) var sessions: [SessionID: NodeNumber] = [:]
    private var nextSession: SessionID
    private var limiter: HelloLimiter
    /// Nodes that were welcomed at least once.
    private var welcomed = 0

    init(policy: ClusterPolicy, firstSession: SessionID) {
        self.policy = policy
        nextSession = firstSession
        limiter = HelloLimiter(policy: policy)
    }

    /// The number of a name, a new one if it has none yet.
    mutating func number(of node: NodeID) -> NodeNumber {
        if let number = numbers[node] { return number }
        let number = NodeNumber(index: members.count)
        members.append(Member(node: node))
        numbers[node] = number
        return number
    }

    /// The number of a name that has one.
    func known(_ node: NodeID) -> NodeNumber? { numbers[node] }

    /// A copy of all that is known of a node: what every result asks for has functions of its own below.
    @usableFromInline
    subscript(number: NodeNumber) -> Member { members[number.index] }

    /// Where to send messages to a node; nil before its first Welcome.
    @usableFromInline
    func peer(of number: NodeNumber) -> Peer? { members[number.index].peer }

    /// Whether a node is present.
    @usableFromInline
    func isPresent(_ number: NodeNumber) -> Bool { members[number.index].isPresent }

    /// Whether a node can be given a job.
    @usableFromInline
    func canWork(_ number: NodeNumber) -> Bool { members[number.index].canWork }

    /// Whether a node is to finish what it runs and get no more.
    func isDraining(_ number: NodeNumber) -> Bool { members[number.index].isDraining }

    /// How many leases a node holds.
    @usableFromInline
    func heldCount(of number: NodeNumber) -> Int { members[number.index].held.count }

    /// How many jobs a node takes at once.
    @usableFromInline
    func mostJobs(of number: NodeNumber) -> Int { members[number.index].mostJobs }

    /// The number of the method of the job that a node was granted last.
    @usableFromInline
    func method(of number: NodeNumber) -> Int? { members[number.index].method }

    /// The lease that a node runs, or will run next.
    func firstLease(of number: NodeNumber) -> Lease? { members[number.index].held.first?.lease }

    subscript(node: NodeID) -> Member? { numbers[node].map { self[$0] } }

    @usableFromInline
    func name(of number: NodeNumber) -> NodeID { members[number.index].node }

    /// Every node ever named, in the order in which they were.
    var all: [NodeNumber] { members.indices.map(NodeNumber.init) }

    /// Present members, likewise.
    @usableFromInline
    var present: [NodeNumber] { all.filter(isPresent) }

    /// Whether to answer a peer that is no member: floods are not.
    mutating func admit(_ peer: Peer, now: Instant) -> HelloLimiter.Verdict { limiter.count(peer, now: now) }

    /// When a peer that was refused for its many messages may try again.
    var limiterWindowEnd: Instant? { limiter.windowEnd }

    /// Decides on a Hello and, unless it is rejected, makes the sender a present member.
    mutating func hello(
        _ number: NodeNumber, _ incarnation: Incarnation, jobs: Int, from peer: Peer, now: Instant
    ) -> Hello {
        let member = self[number]
        guard let connection = member.connection else {
            welcomed += 1
            enter(number, incarnation, jobs: jobs, peer, now)
            return .joined
        }
        let isSameProcess = connection.incarnation == incarnation && connection.peer.identity == peer.identity
        guard member.isPresent else {
            enter(number, incarnation, jobs: jobs, peer, now)
            return .returned(superseded: nil, suspicions: member.suspicions, isSameProcess: isSameProcess)
        }
        if isSameProcess {
            members[number.index].reconnect(peer, now: now)
            return .reconnected
        }
        let isFree = member.lastHeard + policy.nameGuard
        guard now >= isFree else { return .rejected(.nameTaken(retryAfter: isFree - now)) }
        _ = members[number.index].dropAll()
        sessions[connection.session] = nil
        enter(number, incarnation, jobs: jobs, peer, now)
        return .returned(superseded: member, suspicions: [], isSameProcess: false)
    }

    /// Whether a node may say Hello: its name is known, or there is room for one more.
    func hasRoom(for node: NodeID) -> Bool {
        welcomed < policy.maximumNodes || self[node]?.connection != nil
    }

    /// The member that a message comes from, having been heard at `now`; nil for a stranger.
    @usableFromInline
    mutating func hear(
        _ session: SessionID, _ incarnation: Incarnation, from peer: Peer, now: Instant
    ) -> NodeNumber? {
        let number = member(in: session, incarnation, from: peer)
        if let number { members[number.index].hear(now) }
        return number
    }

    /// The member that speaks in a session, as this process and over this connection; nil for a stranger.
    func member(in session: SessionID, _ incarnation: Incarnation, from peer: Peer) -> NodeNumber? {
        guard let number = sessions[session], let connection = members[number.index].connection,
            connection.incarnation == incarnation, connection.peer == peer
        else { return nil }
        return number
    }

    /// Ends a member's presence, and returns the member as it was, with the leases that it holds no more.
    mutating func lose(_ number: NodeNumber, _ loss: Loss) -> Member {
        let former = self[number]
        _ = members[number.index].dropAll()
        if former.isPresent, let connection = former.connection {
            sessions[connection.session] = nil
            members[number.index].leave(loss)
        }
        return former
    }

    // MARK: Suspicions

    /// Notes that a node fell silent over leases whose jobs it may have run.
    mutating func suspect(_ suspects: [Lease], of number: NodeNumber, since now: Instant) {
        members[number.index].suspect(suspects, since: now)
    }

    /// Notes that a node is counted as crashed.
    mutating func count(_ suspicion: Member.Suspicion, of number: NodeNumber) {
        members[number.index].count(suspicion)
    }

    // MARK: Heartbeats

    /// What a heartbeat changed.
    enum HeartbeatEffect {
        /// It came late, or twice.
        case stale
        /// It was taken in; the node can be given jobs again if `isFreed`.
        case recorded(isFreed: Bool)
    }

    /// Takes in what a heartbeat says of the job that runs and of the leases in hand.
    mutating func heartbeat(
        _ number: NodeNumber, _ progress: JobProgress?, _ inHand: LeasesInHand?, now: Instant
    ) -> HeartbeatEffect {
        if let inHand, !members[number.index].isNews(inHand) { return .stale }
        let isFreed = members[number.index].record(progress, now: now)
        members[number.index].record(inHand, now: now)
        return .recorded(isFreed: isFreed)
    }

    /// A part of a file that a member did not have was sent to it.
    mutating func fetched(_ number: NodeNumber, now: Instant) {
        members[number.index].fetched(longestPause: policy.stallTimeout, now: now)
    }

    /// Moves all deadlines of present members by a time in which the coordinator itself did not run.
    @usableFromInline
    mutating func extendDeadlines(by time: Duration, now: Instant) {
        for number in present { members[number.index].extendDeadlines(by: time, now: now) }
    }

    // MARK: Leases in hand

    /// Adds a lease to what a member holds.
    @usableFromInline
    mutating func add(_ lease: Lease, method: Int, to number: NodeNumber, now: Instant) {
        members[number.index].add(lease, method: method, now: now)
    }

    /// Removes a lease from what a member holds; see ``Member/drop(_:isTaken:now:)``.
    mutating func drop(_ lease: Lease, of number: NodeNumber, isTaken: Bool, now: Instant) -> Instant? {
        members[number.index].drop(lease, isTaken: isTaken, now: now)
    }

    /// Removes everything that a member holds.
    mutating func dropAll(of number: NodeNumber) -> [Member.Held] { members[number.index].dropAll() }

    /// Records that the job of a lease is sent again.
    mutating func resend(_ lease: Lease, to number: NodeNumber, now: Instant) {
        members[number.index].resend(lease, now: now)
    }

    /// Gives a member no job while it reports that it runs `lease`, and removes everything that it holds.
    mutating func stall(_ number: NodeNumber, on lease: Lease) -> [Member.Held] {
        members[number.index].stall(on: lease)
        return members[number.index].dropAll()
    }

    /// Lets a node finish what it runs and get no more; returns the leases that it has not begun, removed.
    mutating func drain(_ number: NodeNumber) -> [Lease] {
        members[number.index].setDraining(true)
        return members[number.index].dropWaiting()
    }

    /// Lets a node that drains take jobs again.
    mutating func undrain(_ number: NodeNumber) { members[number.index].setDraining(false) }

    private mutating func enter(
        _ number: NodeNumber, _ incarnation: Incarnation, jobs: Int, _ peer: Peer, _ now: Instant
    ) {
        let session = nextSession
        nextSession = SessionID(rawValue: nextSession.rawValue &+ 1)
        sessions[session] = number
        members[number.index].enter(
            .init(incarnation: incarnation, session: session, peer: peer), jobs: jobs, now: now)
    }
}
