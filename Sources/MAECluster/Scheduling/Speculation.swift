import MAEDomain

/// Finds jobs that take much longer than others of their method, and which of them were granted once more for that reason.
///
/// Speculative execution of stragglers as in MapReduce (Dean and Ghemawat, 2004, section 3.6): the first result counts, and
/// what is left over is revoked when nothing else is.
@usableFromInline
struct Speculation: Sendable {
    private var latency = LatencyEstimator()
    /// Leases that run much longer than others of their method.
    private var stragglers: [Lease] = []
    /// Grants of shards that a straggler runs too.
    private var speculative: [Lease] = []
    /// Rows of the shards that are granted speculatively.
    private var rows: Set<Int> = []
    private let policy: ClusterPolicy

    init(policy: ClusterPolicy) { self.policy = policy }

    /// Records how long a job took; returns whether stragglers of its method can be told from now on.
    mutating func record(_ duration: Duration, method: Int, node: NodeNumber) -> Bool {
        latency.record(duration, method: method, node: node)
    }

    /// What a job of a method usually takes; nil while that is not known.
    @usableFromInline
    func typicalDuration(method: Int) -> Duration? { latency.median(method: method) }

    /// How long a job of a method may run on a node, or on one that has ended none, whatever progress the node tells; fetching is
    /// not counted.
    ///
    /// From the nodes' own medians: one quick node, or one that hands in quickly what it has not computed, takes no job from nodes
    /// that are as slow as most.
    func runLimit(method: Int, node: NodeNumber?) -> Duration {
        guard let median = latency.roughMedian(method: method, node: node) else { return policy.leaseLimit }
        return min(policy.leaseLimit, max(policy.shortestLimit, median * policy.mediansPerJob))
    }

    /// When the job that a node runs becomes a straggler; nil if it is one, or if that does not matter.
    func becomesStraggler(_ member: Member, _ leases: LeaseTable) -> Instant? {
        guard let first = member.held.first, first.executionStarted != nil, let start = first.earliestStart,
            let row = leases[first.lease]?.row, leases.shards.isShared(row), !leases.shards.isMet(row),
            let limit = latency.stragglerLimit(method: leases.shards.method(of: row)),
            !stragglers.contains(first.lease)
        else { return nil }
        return start + max(limit, policy.shortestStraggler)
    }

    /// Records that the job of a lease is a straggler.
    mutating func add(_ lease: Lease, _ leases: LeaseTable) {
        stragglers.removeAll { leases[$0].map { !$0.isLeased } ?? true }
        stragglers.append(lease)
    }

    /// A straggler's shard that another node can run too.
    func candidate(for node: NodeNumber, _ leases: LeaseTable) -> (row: Int, straggler: Lease)? {
        for lease in stragglers {
            guard let assignment = leases[lease], assignment.isLeased, !rows.contains(assignment.row),
                !leases.shards.isMet(assignment.row), leases.shards.canRun(assignment.row, on: node)
            else { continue }
            return (assignment.row, lease)
        }
        return nil
    }

    /// Records a speculative grant of a shard.
    mutating func granted(_ lease: Lease, row: Int) {
        rows.insert(row)
        speculative.append(lease)
    }

    /// Records that the speculative grant of a shard ended without a result.
    mutating func released(row: Int) { rows.remove(row) }

    /// What is leased, when only shards are that have all results without it; empty while anything else is.
    @usableFromInline
    func surplus(_ leases: LeaseTable) -> [(lease: Lease, node: NodeNumber)] {
        guard leases.leasedCount <= stragglers.count + speculative.count else { return [] }
        var surplus: [(lease: Lease, node: NodeNumber)] = []
        for lease in stragglers + speculative {
            guard let assignment = leases[lease], case .leased(let node) = assignment.state,
                rows.contains(assignment.row), leases.shards.isMet(assignment.row)
            else { continue }
            surplus.append((lease, node))
        }
        return surplus.count == leases.leasedCount ? surplus : []
    }
}
