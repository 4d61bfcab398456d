import MAEDomain

@testable import MAECluster

/// Books of its own on what was granted, accepted and stored, kept beside a coordinator under test, and every breach of the
/// rules that they show.
struct Referee {
    /// The last grant of each lease of this coordinator.
    private var granted: [LeaseID: (epoch: Epoch, node: NodeID)] = [:]
    /// Grants that were taken back or ended otherwise without a result.
    private var ended: Set<Lease> = []
    /// Accepted, but not on the disk yet.
    private(set) var storing: [Lease: RunHistory.StoredResult] = [:]
    /// On the disk.
    private(set) var ledger: [RunHistory.StoredResult] = []
    private var isStored: Set<RunHistory.StoredResult> = []
    /// Recorded with each grant.
    private(set) var lastEpoch = Epoch(rawValue: 0)
    /// The highest epoch that earlier coordinators granted.
    private var floor = Epoch(rawValue: 0)
    private var aside: Set<ShardID> = []
    /// Whether this coordinator was told to grant no more.
    private var isStopped = false
    /// How many different nodes are expected.
    let workers: Int
    /// The nodes that have joined, in the order in which they first did.
    private(set) var joined: [NodeID] = []
    /// How often the job of each grant was sent.
    private var sendings: [Lease: Int] = [:]
    /// Most times that the job of a grant may be sent: each new connection brings it again.
    private static let mostSendings = 30
    /// Grants that ended as if they had cost their node, or that gave a shard up.
    private(set) var losses: [Notice] = []
    private(set) var faults: [String] = []

    /// Whether it is not known who may take part.
    var areGrantsSuspended = false

    init(workers: Int) { self.workers = workers }

    /// The run is told to end.
    mutating func noteStop() { isStopped = true }

    mutating func report(_ fault: String) { faults.append(fault) }

    mutating func note(_ action: Action, draining: Set<NodeID>) {
        switch action {
        case .store(let job, let node, let output):
            if output.lease != job.lease {
                report("a result of \(output.lease) is to be stored as one of \(job.lease)")
            }
            accept(job, from: node)
        case .send(.acknowledge(let leases), _):
            for lease in leases where storing[lease] != nil {
                report("\(lease) was acknowledged before it was stored")
            }
        case .send(.job(let job), _):
            sendings[job.lease, default: 0] += 1
            if sendings[job.lease] == Self.mostSendings { report("the job of \(job.lease) is sent again and again") }
        case .note(.granted(let job, let node)):
            if let last = granted[job.lease.id], last.epoch >= job.lease.epoch {
                report("\(job.lease) was granted before")
            }
            if job.lease.epoch <= floor { report("\(job.lease) may have been granted by an earlier coordinator") }
            if isStopped { report("the run is to end, but \(job.lease) is granted") }
            if areGrantsSuspended { report("the keys cannot be read, but \(job.lease) is granted") }
            if draining.contains(node) { report("\(node) drains, but is granted \(job.lease)") }
            if aside.contains(job.shard.id) { report("shard \(job.shard.id.rawValue) was set aside, but is granted") }
            let result = RunHistory.StoredResult(shard: job.shard.id, node: node)
            if isStored.contains(result) || storing.values.contains(result) {
                report("\(node) is to run shard \(job.shard.id.rawValue) again")
            }
            if case .overlap(let count) = job.shard.placement,
                ledger.count(where: { $0.shard == job.shard.id }) >= min(count, workers)
            {
                report("shard \(job.shard.id.rawValue) has all its results, but is granted")
            }
            granted[job.lease.id] = (job.lease.epoch, node)
            lastEpoch = max(lastEpoch, job.lease.epoch)
        case .note(.joined(let node, _, _, _)): if !joined.contains(node) { joined.append(node) }
        case .note(.revoked(let lease, _, let cause)):
            ended.insert(lease)
            if case .note(let notice) = action, cause.isCrash { losses.append(notice) }
        case .note(.givenUp):
            if case .note(let notice) = action { losses.append(notice) }
        case .note(.quarantined(let shard, _)):
            aside.insert(shard.id)
            if case .note(let notice) = action { losses.append(notice) }
        case .send, .note, .settled, .ended: break
        }
    }

    private mutating func accept(_ job: Job, from node: NodeID) {
        guard let last = granted[job.lease.id], last.epoch == job.lease.epoch, last.node == node else {
            return report("a result of \(job.lease) was accepted from \(node), who does not hold it")
        }
        if ended.contains(job.lease) { report("a result of \(job.lease) was accepted after the grant had ended") }
        if storing[job.lease] != nil { report("a result of \(job.lease) was accepted twice") }
        storing[job.lease] = RunHistory.StoredResult(shard: job.shard.id, node: node)
    }

    /// A result has come to the disk; false when the coordinator that sent it there is no more.
    mutating func store(_ lease: Lease) -> Bool {
        guard let result = storing.removeValue(forKey: lease) else { return false }
        record(result)
        return true
    }

    /// The coordinator is killed: what was on its way to the disk has arrived or not.
    mutating func crash(_ chance: inout SplitMix) {
        for result in storing.values.sorted(by: { ($0.shard, $0.node) < ($1.shard, $1.node) }) where chance.chance(0.5)
        {
            record(result)
        }
        storing = [:]
        floor = lastEpoch
        granted = [:]
        ended = []
        aside = []
        isStopped = false
    }

    private mutating func record(_ result: RunHistory.StoredResult) {
        if !isStored.insert(result).inserted { report("\(result) is counted twice") }
        ledger.append(result)
    }

    /// Holds a summary against the ledger.
    mutating func check(_ summary: RunSummary, of shards: [Shard], workers: Int) {
        for shard in shards {
            let stored = ledger.count { $0.shard == shard.id }
            let claimed = summary.missing.first { $0.shard == shard }
            if let claimed, claimed.have != stored { report("shard \(shard.id.rawValue) lost results") }
            let want: Int =
                switch shard.placement {
                case .everyNode: workers
                case .overlap(let count): min(count, workers)
                case .node: 1
                }
            if claimed == nil, stored < want { report("shard \(shard.id.rawValue) is said to be complete") }
            if claimed != nil, stored >= want { report("shard \(shard.id.rawValue) is complete, but not said so") }
            if let claimed, claimed.causes.isEmpty {
                report("shard \(shard.id.rawValue) is incomplete without a cause")
            }
        }
        let counted = Dictionary(ledger.map { ($0.node, 1) }, uniquingKeysWith: +)
        for node in summary.nodes where node.results != counted[node.node] ?? 0 {
            report("\(node.node) has \(counted[node.node] ?? 0) results, not \(node.results)")
        }
    }
}
