/// Where a run stands, for whoever shows or records it: nothing is decided by it.
public struct Overview: Sendable, Hashable {
    /// Every node that took part or is expected, in the order in which they were first named.
    public let nodes: [Node]
    /// Shards, questions included.
    public let shards: Int
    /// Shards with a result from each node that was to run them.
    public let shardsDone: Int
    /// Leases that nodes hold.
    public let leased: Int
    /// Results on their way to the disk.
    public let storing: Int

    /// One node.
    public struct Node: Sendable, Hashable {
        /// Its name.
        public let node: NodeID
        /// Whether it is expected, there, or gone.
        public let standing: Standing
        /// Whether it hangs on a job.
        public let isStuck: Bool
        /// Whether it was told to drain.
        public let isDraining: Bool
        /// When it was heard last; nil when it never was.
        public let lastHeard: Instant?
        /// What it holds, in the order of the grants: it runs the first.
        public let shards: [Shard]

        /// Whether it can be given a job.
        public var canWork: Bool { standing == .present && !isStuck && !isDraining }
    }

    /// Whether a node is there.
    public enum Standing: Sendable, Hashable {
        /// It was there for an earlier coordinator of the run.
        case expected
        /// It is there.
        case present
        /// It is gone.
        case absent(Loss)
    }
}

extension Cluster {
    /// Where the run stands now.
    ///
    /// Takes time in proportion to the nodes.
    public var overview: Overview {
        Overview(
            nodes: membership.all.filter(tookPart).map(describe), shards: shards.shards.count,
            shardsDone: shards.shards.count - shards.unmetCount, leased: book.leasedCount, storing: book.storingCount)
    }

    /// The present node that speaks in a session.
    public func node(in session: SessionID) -> NodeID? {
        membership.sessions[session].map(membership.name)
    }

    /// The shard that a lease stands for, whichever of its grants is the latest; nil for one never granted.
    public func shard(of lease: LeaseID) -> ShardID? {
        guard book.assignments.indices.contains(lease.rawValue) else { return nil }
        return shards[book.assignments[lease.rawValue].row].id
    }

    private func describe(_ number: NodeNumber) -> Overview.Node {
        let member = membership[number]
        let standing: Overview.Standing =
            switch member.standing {
            case .expected: .expected
            case .present: .present
            case .absent(let loss): .absent(loss)
            }
        return Overview.Node(
            node: member.node, standing: standing, isStuck: member.stuckOn != nil, isDraining: member.isDraining,
            lastHeard: member.connection == nil ? nil : member.lastHeard,
            shards: member.held.compactMap { book[$0.lease].map { shards[$0.row] } })
    }
}
