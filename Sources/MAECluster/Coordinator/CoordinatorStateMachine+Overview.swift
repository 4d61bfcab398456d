import MAEDomain

/// Where a run stands, to be shown or recorded: nothing is decided by it.
public struct Overview<Work: Sendable>: Sendable {
    /// Every node that took part or is expected, in the order in which they were first named.
    public let nodes: [Node]
    /// Shards, re-runs included.
    public let shards: Int
    /// Shards with a result from each node that was to run them.
    public let shardsDone: Int
    /// Leases that nodes hold.
    public let leased: Int
    /// Results on their way to the disk.
    public let storing: Int

    /// One node.
    public struct Node: Sendable {
        /// Its name.
        public let node: NodeID
        /// Whether it is expected, there, or gone.
        public let standing: NodeStanding
        /// Whether it runs a job without progress.
        public let isStalled: Bool
        /// Whether it was told to drain.
        public let isDraining: Bool
        /// When it was heard last; nil when it never was.
        public let lastHeard: Instant?
        /// What it holds, in the order of the grants: it runs the first.
        public let shards: [Shard<Work>]

        /// Whether it can be given a job.
        public var canWork: Bool { standing == .present && !isStalled && !isDraining }
    }
}

extension Overview: Equatable where Work: Equatable {}
extension Overview.Node: Equatable where Work: Equatable {}

/// Whether a node is there.
public enum NodeStanding: Sendable, Hashable {
    /// It was there for an earlier coordinator of the run.
    case expected
    /// It is there.
    case present
    /// It is gone.
    case absent(Loss)
}

extension CoordinatorStateMachine {
    /// Where the run stands now.
    ///
    /// Takes time in proportion to the nodes.
    public var overview: Overview<Work> {
        let count = shards.count
        return Overview(
            nodes: membership.all.filter(tookPart).map(describe), shards: count,
            shardsDone: count - leases.shards.unmetCount, leased: leases.leasedCount, storing: leases.storingCount)
    }

    /// The present node that speaks in a session.
    public func node(in session: SessionID) -> NodeID? { membership.sessions[session].map(membership.name) }

    /// The present node that a message comes from; nil where a peer speaks in a session that is not its own.
    public func node(in session: SessionID, _ incarnation: Incarnation, from peer: Peer) -> NodeID? {
        membership.member(in: session, incarnation, from: peer).map(membership.name)
    }

    /// Whether a result, or a failure, of this peer under a lease would be taken in.
    public func isAwaited(
        _ lease: Lease, in session: SessionID, _ incarnation: Incarnation, from peer: Peer
    ) -> Bool {
        guard let number = membership.member(in: session, incarnation, from: peer) else { return false }
        return leases.judge(lease, from: number) == .accepted
    }

    /// The node that holds a lease; nil when none does.
    public func holder(of lease: Lease) -> NodeID? {
        guard case .leased(let number) = leases[lease]?.state else { return nil }
        return membership.name(of: number)
    }

    /// The shard that a lease stands for, whichever of its grants is the latest; nil for one that was never granted.
    public func shard(of lease: LeaseID) -> Shard<Work>? { leases.row(of: lease).map { shards[$0] } }

    private func describe(_ number: NodeNumber) -> Overview<Work>.Node {
        let member = membership[number]
        return Overview.Node(
            node: member.node, standing: member.standing, isStalled: member.stalledLease != nil,
            isDraining: member.isDraining, lastHeard: member.connection == nil ? nil : member.lastHeard,
            shards: member.held.compactMap { job(of: $0.lease)?.shard })
    }
}
