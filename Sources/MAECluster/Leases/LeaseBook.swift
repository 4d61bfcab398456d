/// All assignments of a run: grants, results, tries, and the count of what each shard has.
///
/// An assignment is pending, leased, storing, and then done for ever; a grant that ends without a result makes it pending
/// again with the old epoch closed, or sets it aside for ever.
struct LeaseBook: Sendable {
    private(set) var assignments: [Assignment] = []
    /// Pending assignments of each place, by rising identifier.
    private(set) var pending: [Assignment.Place: [LeaseID]] = [:]
    /// The nodes whose results are in or being stored, by shard.
    private(set) var nodes: [ShardID: Set<NodeID>] = [:]
    /// The nodes that hold a lease, by shard.
    private var holders: [ShardID: Set<NodeID>] = [:]
    /// How many shards each node has run.
    private(set) var resultCount: [NodeID: Int] = [:]
    private(set) var leasedCount = 0
    private(set) var storingCount = 0
    private let floor: Epoch
    private let triesPerNode: Int

    init(floor: Epoch, triesPerNode: Int) {
        self.floor = floor
        self.triesPerNode = triesPerNode
    }

    /// Adds a shard in a place, already done where `doneBy` names a node.
    mutating func add(_ shard: Shard, at place: Assignment.Place, doneBy node: NodeID? = nil) {
        let id = LeaseID(rawValue: assignments.count)
        var assignment = Assignment(id: id, shard: shard, place: place, epoch: floor)
        if let node {
            assignment.state = .done(node)
            count(shard.id, node)
        } else {
            pending[place, default: []].append(id)
        }
        assignments.append(assignment)
    }

    /// The pending assignment that `node` should run next in one of `places`: one of `method` if there is one.
    func next(in places: [Assignment.Place], for node: NodeID, preferring method: String?) -> LeaseID? {
        var first: LeaseID?
        for place in places {
            for id in pending[place] ?? [] where canRun(id, on: node) {
                if method == nil || assignments[id.rawValue].shard.method == method { return id }
                first = first ?? id
            }
        }
        return first
    }

    /// Whether a result of `node` would add to what the shard has: a second one of the same node would not.
    func canRun(_ id: LeaseID, on node: NodeID) -> Bool {
        let shard = assignments[id.rawValue].shard.id
        return !(nodes[shard]?.contains(node) ?? false) && !(holders[shard]?.contains(node) ?? false)
    }

    /// Grants a pending assignment.
    mutating func grant(_ id: LeaseID, to node: NodeID) -> Job {
        unqueue(id)
        let assignment = change(id) {
            precondition($0.state == .pending, "only a pending shard is granted")
            $0.epoch = $0.epoch.next
            $0.state = .leased(node)
        }
        leasedCount += 1
        holders[assignment.shard.id, default: []].insert(node)
        return Job(lease: assignment.lease, shard: assignment.shard)
    }

    /// Ends a grant without a result.
    ///
    /// With `blame`, it counts as one try of the node. Returns the cause when the shard is set aside for good.
    mutating func release(_ lease: Lease, blame: Cause?) -> Cause? {
        guard let assignment = self[lease], case .leased(let node) = assignment.state else { return nil }
        leasedCount -= 1
        holders[assignment.shard.id]?.remove(node)
        let tries = assignment.tries[node, default: 0] + (blame == nil ? 0 : 1)
        var isFinal = tries >= triesPerNode
        if case .badInput = blame { isFinal = true }
        change(lease.id) {
            $0.tries[node] = tries
            $0.lastCause = blame ?? $0.lastCause
            $0.state = .pending
        }
        queue(lease.id)
        guard isFinal, let blame else { return nil }
        setAside(lease.id, blame)
        return blame
    }

    /// Sets a pending assignment aside.
    private mutating func setAside(_ id: LeaseID, _ cause: Cause) {
        unqueue(id)
        change(id) { $0.state = .setAside(cause) }
    }

    /// Notes that the result of an accepted grant is durable, and returns the node it came from.
    mutating func stored(_ lease: Lease) -> NodeID? {
        guard let assignment = self[lease], case .storing(let node) = assignment.state else { return nil }
        change(lease.id) { $0.state = .done(node) }
        storingCount -= 1
        return node
    }

    /// Whether a result that `node` hands in under `lease` counts; if so it is now being stored.
    mutating func accept(_ lease: Lease, from node: NodeID) -> Verdict {
        let verdict = judge(lease, from: node)
        if case .accepted = verdict {
            let assignment = change(lease.id) { $0.state = .storing(node) }
            count(assignment.shard.id, node)
            holders[assignment.shard.id]?.remove(node)
            leasedCount -= 1
            storingCount += 1
        }
        return verdict
    }

    enum Verdict: Equatable {
        case accepted
        /// Another copy is being stored; the answer comes when it is.
        case beingStored
        /// It is in; the acknowledgement was lost.
        case alreadyStored
        case rejected(LeaseRejection)
    }

    /// Whether `node` may hand in a result under `lease`.
    func judge(_ lease: Lease, from node: NodeID) -> Verdict {
        guard assignments.indices.contains(lease.id.rawValue) else { return .rejected(.neverGranted) }
        let assignment = assignments[lease.id.rawValue]
        guard lease.epoch <= assignment.epoch, lease.epoch > floor else { return .rejected(.neverGranted) }
        guard lease.epoch == assignment.epoch else { return .rejected(.oldEpoch) }
        switch assignment.state {
        case .leased(node): return .accepted
        case .storing(node): return .beingStored
        case .done(node): return .alreadyStored
        case .leased, .storing, .done: return .rejected(.otherHolder)
        case .pending, .setAside: return .rejected(.oldEpoch)
        }
    }

    /// The assignment whose latest grant is `lease`.
    subscript(lease: Lease) -> Assignment? {
        guard assignments.indices.contains(lease.id.rawValue) else { return nil }
        let assignment = assignments[lease.id.rawValue]
        return assignment.epoch == lease.epoch ? assignment : nil
    }

    private mutating func count(_ shard: ShardID, _ node: NodeID) {
        if nodes[shard, default: []].insert(node).inserted { resultCount[node, default: 0] += 1 }
    }

    @discardableResult
    private mutating func change(_ id: LeaseID, _ body: (inout Assignment) -> Void) -> Assignment {
        body(&assignments[id.rawValue])
        return assignments[id.rawValue]
    }

    private mutating func queue(_ id: LeaseID) {
        let place = assignments[id.rawValue].place
        var queue = pending[place] ?? []
        queue.insert(id, at: queue.firstIndex { $0 > id } ?? queue.endIndex)
        pending[place] = queue
    }

    private mutating func unqueue(_ id: LeaseID) {
        let place = assignments[id.rawValue].place
        guard let index = pending[place]?.firstIndex(of: id) else {
            preconditionFailure("a pending shard stands in the queue of its place")
        }
        pending[place]?.remove(at: index)
    }
}
