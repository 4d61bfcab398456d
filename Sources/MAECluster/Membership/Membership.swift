/// Who is in the cluster: names, incarnations, sessions and signs of life.
///
/// A node is *present* from its Welcome until it falls silent, is superseded or says Goodbye; then it is *absent*, and
/// its session with it is void. A name is never forgotten within a run.
struct Membership: Sendable {
    enum Hello: Equatable {
        /// A name whose node was not present before in this run.
        case joined
        /// A name seen before whose node was absent, or whose older incarnation (`superseded`) has fallen quiet.
        case returned(superseded: Bool)
        /// The same process again, over a new connection: it keeps its session and its leases.
        case reconnected
        case rejected(Rejection)
    }

    private let policy: ClusterPolicy
    private var members: [Member] = []
    private var numbers: [NodeID: NodeNumber] = [:]
    /// Sessions of present members.
    private(set) var sessions: [SessionID: NodeNumber] = [:]
    private var nextSession: SessionID
    /// Nodes that were welcomed at least once.
    private var welcomed = 0

    init(policy: ClusterPolicy, firstSession: SessionID) {
        self.policy = policy
        nextSession = firstSession
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

    subscript(number: NodeNumber) -> Member { members[number.index] }

    subscript(node: NodeID) -> Member? { numbers[node].map { self[$0] } }

    func name(of number: NodeNumber) -> NodeID { self[number].node }

    /// Every node ever named, in the order in which they were.
    var all: [NodeNumber] { members.indices.map(NodeNumber.init) }

    /// Present members, likewise.
    var present: [NodeNumber] { all.filter { self[$0].isPresent } }

    /// Decides on a Hello and, unless it is rejected, makes the sender a present member.
    ///
    /// An older incarnation that is superseded must lose its leases before: `willSupersede` is called for that.
    mutating func hello(
        _ number: NodeNumber, _ incarnation: Incarnation, from peer: Peer, now: Instant,
        willSupersede: (inout Member) -> Void
    ) -> Hello {
        let member = self[number]
        guard let connection = member.connection else {
            welcomed += 1
            enter(number, incarnation, peer, now)
            return .joined
        }
        guard member.isPresent else {
            enter(number, incarnation, peer, now)
            return .returned(superseded: false)
        }
        if connection.incarnation == incarnation, connection.peer.identity == peer.identity {
            update(number) { $0.reconnect(peer, now: now) }
            return .reconnected
        }
        let isFree = member.lastHeard + policy.nameGuard
        guard now >= isFree else { return .rejected(.nameTaken(retryAfter: isFree - now)) }
        update(number, willSupersede)
        sessions[connection.session] = nil
        enter(number, incarnation, peer, now)
        return .returned(superseded: true)
    }

    /// Whether a node may say Hello: its name is known, or there is room for one more.
    func hasRoom(for node: NodeID) -> Bool {
        welcomed < policy.maximumNodes || self[node]?.connection != nil
    }

    /// The member that a message comes from, having been heard at `now`; nil for a stranger.
    mutating func hear(
        _ session: SessionID, _ incarnation: Incarnation, from peer: Peer, now: Instant
    ) -> NodeNumber? {
        guard let number = sessions[session], let connection = self[number].connection,
            connection.incarnation == incarnation, connection.peer == peer
        else { return nil }
        members[number.index].lastHeard = now
        return number
    }

    /// Ends a member's presence; its leases must have been taken from it before.
    mutating func lose(_ number: NodeNumber, _ loss: Loss) {
        guard self[number].isPresent, let connection = self[number].connection else { return }
        sessions[connection.session] = nil
        members[number.index].leave(loss)
    }

    /// Lets `body` change what is known of one member.
    @discardableResult
    mutating func update<Result>(_ number: NodeNumber, _ body: (inout Member) -> Result) -> Result {
        body(&members[number.index])
    }

    private mutating func enter(_ number: NodeNumber, _ incarnation: Incarnation, _ peer: Peer, _ now: Instant) {
        let session = nextSession
        nextSession = SessionID(rawValue: nextSession.rawValue &+ 1)
        sessions[session] = number
        members[number.index].enter(.init(incarnation: incarnation, session: session, peer: peer), now: now)
    }
}
