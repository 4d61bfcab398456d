/// Who is in the cluster: names, incarnations, sessions and signs of life.
///
/// A node is *present* from its Welcome until it falls silent, is superseded or says Goodbye; then it is *absent*, and
/// its session with it is void. A name is never forgotten within a run.
struct Membership: Sendable {
    enum Hello: Equatable {
        /// A name not seen before.
        case joined
        /// A name seen before whose node was absent, or whose older incarnation (`superseded`) has fallen quiet.
        case returned(superseded: Bool)
        /// The same process again, over a new connection: it keeps its session and its leases.
        case reconnected
        case rejected(Rejection)
    }

    private let policy: ClusterPolicy
    private(set) var members: [NodeID: Member] = [:]
    /// Sessions of present members.
    private(set) var sessions: [SessionID: NodeID] = [:]
    private var nextSession: SessionID

    init(policy: ClusterPolicy, firstSession: SessionID) {
        self.policy = policy
        nextSession = firstSession
    }

    /// Decides on a Hello and, unless it is rejected, makes the sender a present member.
    ///
    /// An older incarnation that is superseded must have lost its leases before: `willSupersede` is called for that.
    mutating func hello(
        _ node: NodeID, _ incarnation: Incarnation, from peer: Peer, now: Instant,
        willSupersede: (inout Member) -> Void
    ) -> Hello {
        guard var member = members[node] else {
            guard members.count < policy.maximumNodes else { return .rejected(.clusterFull) }
            members[node] = Member(
                node: node, incarnation: incarnation, session: takeSession(for: node), peer: peer, now: now)
            return .joined
        }
        let isSameProcess = member.incarnation == incarnation && member.peer.identity == peer.identity
        if member.isPresent, isSameProcess {
            member.peer = peer
            member.lastHeard = now
            members[node] = member
            return .reconnected
        }
        if member.isPresent {
            let isFree = member.lastHeard + policy.nameGuard
            guard now >= isFree else { return .rejected(.nameTaken(retryAfter: isFree - now)) }
            willSupersede(&member)
            sessions[member.session] = nil
        }
        let superseded = member.isPresent
        members[node] = Member(
            node: node, incarnation: incarnation, session: takeSession(for: node), peer: peer, now: now)
        return .returned(superseded: superseded)
    }

    /// The member that a message comes from, having been heard at `now`; nil for a stranger.
    mutating func hear(
        _ session: SessionID, _ incarnation: Incarnation, from peer: Peer, now: Instant
    ) -> NodeID? {
        guard let node = sessions[session], let member = members[node], member.incarnation == incarnation,
            member.peer == peer
        else { return nil }
        members[node]?.lastHeard = now
        return node
    }

    /// Ends a member's presence; its leases must have been taken from it before.
    mutating func lose(_ node: NodeID, _ loss: Loss) {
        guard let member = members[node], member.isPresent else { return }
        sessions[member.session] = nil
        members[node]?.standing = .absent(loss)
        members[node]?.stuckOn = nil
    }

    /// Lets `body` change what is known of one member.
    mutating func update<Result>(_ node: NodeID, _ body: (inout Member) -> Result) -> Result? {
        guard var member = members[node] else { return nil }
        defer { members[node] = member }
        return body(&member)
    }

    /// Present members in the order of their names, so that runs are repeatable.
    var present: [Member] { members.values.filter(\.isPresent).sorted { $0.node < $1.node } }

    func isPresent(_ node: NodeID) -> Bool { members[node]?.isPresent ?? false }

    private mutating func takeSession(for node: NodeID) -> SessionID {
        defer { nextSession = SessionID(rawValue: nextSession.rawValue &+ 1) }
        sessions[nextSession] = node
        return nextSession
    }
}
