import MAEDomain

/// All grants of a run: what is granted to which node, what waits where for a grant, and what has come of it.
///
/// An assignment is pending, leased, storing, and then done for good; a grant that ends without a result makes it pending
/// again with the old epoch closed, or closes it for good. Shards wait in *places*: one queue for each slot of an expected
/// node, and one for each node that re-runs were asked of.
@usableFromInline
struct LeaseTable: Sendable {
    /// The shards of the run and their counts.
    @usableFromInline private(set) var shards = ShardTable()
    /// By lease identifier; a shard in a place gets one with its first grant.
    private(set) var assignments: AssignmentTable
    /// The shards of each slot.
    private(set) var slots: [WorkQueue] = []
    /// Re-runs, by the node that they are asked of.
    private(set) var reruns: [NodeNumber: WorkQueue] = [:]
    /// What went wrong, by lease.
    private(set) var failures: [LeaseID: FailureRecord] = [:]
    /// Nodes that were granted anything.
    private var grantees: Set<NodeNumber> = []
    @usableFromInline private(set) var leasedCount = 0
    @usableFromInline private(set) var storingCount = 0
    /// Which slots run which batch, by the number of replicas.
    private var coverages: [Int: PairCoverage] = [:]
    private let workers: Int
    /// The number of batches that the run begins with.
    private let batches: Int
    private let floor: Epoch
    let triesPerNode: Int
    private let triesTakenBack: Int
    private let crashesBeforeQuarantine: Int
    private let nodesBeforeQuarantine: Int

    init<Work>(_ plan: WorkPlan<Work>, policy: ClusterPolicy) {
        workers = plan.workers
        batches = plan.shards.reduce(0) { max($0, $1.batch + 1) }
        floor = plan.history?.lastEpoch ?? Epoch(rawValue: 0)
        assignments = AssignmentTable(floor: floor)
        triesPerNode = policy.triesPerNode
        triesTakenBack = policy.triesTakenBack
        crashesBeforeQuarantine = policy.crashesBeforeQuarantine
        nodesBeforeQuarantine = policy.nodesBeforeQuarantine
        slots = Array(repeating: WorkQueue(), count: plan.workers)
    }

    // MARK: What is due where

    /// Adds shards, in the order in which they are to be run, to the places where they are due.
    mutating func add<Work>(_ added: [Shard<Work>], _ membership: inout Membership) {
        let workers = workers
        let groups = shards.add(added) { placement in
            switch placement {
            case .everyNode: workers
            case .node: 1
            case .overlap(let count): min(count, workers)
            }
        }
        for (method, rows) in groups {
            var everywhere: [Int32] = []
            var shares = Array(repeating: [Int32](), count: workers)
            for row in rows {
                switch shards.placement(of: row) {
                case .everyNode: everywhere.append(Int32(row))
                case .overlap(let count):
                    for slot in coverage(count)[shards.batch(of: row)] { shares[slot].append(Int32(row)) }
                case .node(let node):
                    reruns[membership.number(of: node), default: WorkQueue()].append([Int32(row)], method: method)
                }
            }
            for slot in slots.indices {
                let share = shares[slot % workers]
                let due = share.isEmpty ? everywhere : everywhere.isEmpty ? share : (everywhere + share).sorted()
                slots[slot].append(due, method: method)
            }
        }
    }

    /// Opens a slot on top of the expected ones, which repeats the share of an expected one; returns its number.
    mutating func openSlot() -> Int {
        var queue = slots[slots.count % workers]
        queue.restart()
        slots.append(queue)
        for row in shards.unattainable { shards.reconsider(row, due: dueCount(row)) }
        return slots.count - 1
    }

    /// In how many places a shard is to be run.
    func dueCount(_ row: Int) -> Int {
        switch shards.placement(of: row) {
        case .node: return 1
        case .everyNode: return slots.count
        case .overlap(let count):
            guard let coverage = coverages[count] else { return min(count, workers) }
            return coverage[shards.batch(of: row)].reduce(0) { $0 + (slots.count - 1 - $1) / workers + 1 }
        }
    }

    private mutating func coverage(_ count: Int) -> PairCoverage {
        if let coverage = coverages[count] { return coverage }
        let coverage = PairCoverage(nodes: workers, replicas: count, batches: max(batches, 1))
        coverages[count] = coverage
        return coverage
    }

    // MARK: What waits

    /// How many shards wait in a slot.
    func pendingCount(inSlot slot: Int) -> Int { slots[slot].pending.count }

    /// The next shard that waits in a slot, from a position on.
    func nextPending(inSlot slot: Int, from position: Int) -> (position: Int, row: Int)? {
        slots[slot].pending.next(from: position).map { ($0, slots[slot].row(at: $0)) }
    }

    /// Whether a slot has work that a node should run in it.
    func hasWork(inSlot slot: Int, for node: NodeNumber) -> Bool {
        var position = 0
        while let next = nextPending(inSlot: slot, from: position) {
            if shards.isWanted(next.row, from: node) { return true }
            position = next.position + 1
        }
        return false
    }

    /// What a node should run next in a slot: a shard of `method` if there is one.
    mutating func nextWork(
        inSlot slot: Int, for node: NodeNumber, preferring method: Int?
    ) -> (position: Int, row: Int)? {
        Self.next(in: &slots[slot], shards, for: node, preferring: method)
    }

    /// The re-run that a node should do next: one of `method` if there is one.
    mutating func nextRerun(for node: NodeNumber, preferring method: Int?) -> (position: Int, row: Int)? {
        guard !reruns.isEmpty, reruns[node] != nil else { return nil }
        return Self.next(in: &reruns[node, default: WorkQueue()], shards, for: node, preferring: method)
    }

    // The table is lent, not captured: a closure that changes a queue would have to copy it.
    private static func next(
        in queue: inout WorkQueue, _ shards: borrowing ShardTable, for node: NodeNumber, preferring method: Int?
    ) -> (position: Int, row: Int)? {
        queue.next(preferring: method, of: shards, for: node).map { ($0, queue.row(at: $0)) }
    }

    /// Lets a slot be searched from its start again: it has a new owner, or more that its owner may run.
    mutating func rewind(slot: Int) { slots[slot].rewind() }

    /// Lets `body` change the queue of a place; nil for a place without one.
    @discardableResult
    private mutating func change<Result>(_ place: Assignment.Place, _ body: (inout WorkQueue) -> Result) -> Result? {
        switch place {
        case .slot(let slot): body(&slots[slot])
        case .node(let node): reruns[node] == nil ? nil : body(&reruns[node, default: WorkQueue()])
        case .extra: nil
        }
    }

    // MARK: Grants

    /// Grants a shard that waits at a position of a place.
    @usableFromInline
    mutating func grant(_ position: Int, of place: Assignment.Place, row: Int, to node: NodeNumber) -> Lease {
        let former = change(place) { $0.take(position) } ?? nil
        let id = former ?? assignments.add(row: row, at: place)
        assignments[id.rawValue].epoch = assignments[id.rawValue].epoch.next
        assignments[id.rawValue].state = .leased(node)
        leasedCount += 1
        grantees.insert(node)
        shards.engage(row, node)
        return assignments[id.rawValue].lease
    }

    /// Whether a node was granted anything.
    func hasGranted(to node: NodeNumber) -> Bool { grantees.contains(node) }

    /// The assignment whose latest grant is `lease`.
    @usableFromInline
    subscript(lease: Lease) -> Assignment? {
        guard assignments.indices.contains(lease.id.rawValue) else { return nil }
        let assignment = assignments[lease.id.rawValue]
        return assignment.epoch == lease.epoch ? assignment : nil
    }

    /// The row of the shard of a lease, whichever of its grants is the latest; nil for one that was never granted.
    func row(of lease: LeaseID) -> Int? {
        assignments.indices.contains(lease.rawValue) ? assignments[lease.rawValue].row : nil
    }

    // MARK: Results

    /// Whether a result counts.
    @usableFromInline
    enum Acceptance: Equatable {
        case accepted
        /// Another copy is being stored; the answer comes when it is.
        case beingStored
        /// It is in; the acknowledgement was lost.
        case alreadyStored
        case rejected(LeaseRejection)
    }

    /// Whether `node` may hand in a result under `lease`.
    @usableFromInline
    func judge(_ lease: Lease, from node: NodeNumber) -> Acceptance {
        guard assignments.indices.contains(lease.id.rawValue) else { return .rejected(.neverGranted) }
        let assignment = assignments[lease.id.rawValue]
        guard lease.epoch <= assignment.epoch, lease.epoch > floor else { return .rejected(.neverGranted) }
        guard lease.epoch == assignment.epoch else { return .rejected(.oldEpoch) }
        switch assignment.state {
        case .leased(node): return .accepted
        case .storing(node): return .beingStored
        case .done(node): return .alreadyStored
        case .leased, .storing, .done: return .rejected(.otherHolder)
        case .pending, .closed: return .rejected(.oldEpoch)
        }
    }

    /// Takes in that `node` hands in a result under `lease`; if it counts, it is now being stored.
    @usableFromInline
    mutating func accept(_ lease: Lease, from node: NodeNumber) -> Acceptance {
        let acceptance = judge(lease, from: node)
        guard acceptance == .accepted else { return acceptance }
        assignments[lease.id.rawValue].state = .storing(node)
        leasedCount -= 1
        storingCount += 1
        let assignment = assignments[lease.id.rawValue]
        shards.count(assignment.row, node)
        if assignment.place != .extra { shards.close(assignment.row, due: dueCount(assignment.row)) }
        return acceptance
    }

    /// Records that the result of an accepted grant is durable, and returns the node it came from.
    @usableFromInline
    mutating func stored(_ lease: Lease) -> NodeNumber? {
        guard let assignment = self[lease], case .storing(let node) = assignment.state else { return nil }
        assignments[lease.id.rawValue].state = .done(node)
        storingCount -= 1
        return node
    }

    /// Records a result that an earlier coordinator stored, by the owner of `slot` if it owns one.
    ///
    /// Where expected nodes share shards out, a node that took over a slot may own another one now.
    mutating func restore(_ shard: ShardID, by node: NodeNumber, slot: Int?) {
        guard let row = shards.row(of: shard), !shards.isEngaged(row, node) else { return }
        shards.engage(row, node)
        shards.count(row, node)
        var place = Assignment.Place.extra
        if let slot, let found = slots[slot].position(of: row) {
            place = .slot(slot)
            shards.close(row, due: dueCount(row))
            _ = slots[slot].take(found)
        }
        let id = assignments.add(row: row, at: place)
        assignments[id.rawValue].state = .done(node)
    }

    // MARK: Grants that end without a result

    /// What has become of the assignment of a grant that ended.
    enum Release: Equatable {
        /// There was no such grant.
        case none
        /// It waits to be granted again.
        case pending(Assignment)
        /// It was granted in addition to another, and no place waits for it.
        case dropped(Assignment)
        /// It is given up in its place.
        case closed(Assignment, Cause)
    }

    /// Ends a grant of `node` without a result; with `blame`, it counts as one try of the node.
    mutating func release(_ lease: Lease, of node: NodeNumber, blame: Cause?) -> Release {
        guard let assignment = self[lease] else { return .none }
        shards.disengage(assignment.row, node)
        guard case .leased(let holder) = assignment.state else { return .none }
        leasedCount -= 1
        guard assignment.place != .extra else {
            assignments[lease.id.rawValue].state = .closed
            return .dropped(assignment)
        }
        if let blame {
            var failure = failures[lease.id] ?? FailureRecord()
            failure.tries[holder, default: 0] += 1
            failure.lastCause = blame
            failure.isFinal = failure.tries[holder, default: 0] >= triesPerNode || blame.isInputFault
            failures[lease.id] = failure
            if failure.isFinal {
                assignments[lease.id.rawValue].state = .closed
                shards.close(assignment.row, due: dueCount(assignment.row))
                return .closed(assignment, blame)
            }
        }
        assignments[lease.id.rawValue].state = .pending
        change(assignment.place) { $0.giveBack(row: assignment.row, lease.id) }
        return .pending(assignment)
    }

    /// Gives up the re-runs that wait for a node, and returns the leases that they have, or would have had.
    mutating func abandonReruns(of node: NodeNumber, _ cause: Cause) -> [Lease] {
        var abandoned: [Lease] = []
        while let position = reruns[node]?.pending.next(from: 0), let row = reruns[node]?.row(at: position) {
            let former = change(.node(node)) { $0.take(position) } ?? nil
            let id = former ?? assignments.add(row: row, at: .node(node))
            assignments[id.rawValue].state = .closed
            failures[id, default: FailureRecord()].lastCause = cause
            failures[id, default: FailureRecord()].isFinal = true
            shards.close(row, due: dueCount(row))
            abandoned.append(assignments[id.rawValue].lease)
        }
        return abandoned
    }

    /// Takes back what was counted when a node fell silent: its process lives, so the job did not end it.
    ///
    /// Not without end, since a job may be what makes its node silent; and what was given up stays so.
    mutating func takeBack(_ suspicion: Member.Suspicion, of node: NodeNumber) {
        if suspicion.isCounted, let row = row(of: suspicion.lease.id) { shards.takeBackCrash(row, of: node) }
        guard var failure = failures[suspicion.lease.id], !failure.isFinal,
            let tries = failure.tries[node], tries > 0, failure.takenBack[node, default: 0] < triesTakenBack
        else { return }
        failure.tries[node] = tries - 1
        failure.takenBack[node, default: 0] += 1
        failures[suspicion.lease.id] = failure
    }

    /// Counts a crash of the node that ran a shard; returns whether the shard is quarantined by it.
    ///
    /// A few nodes that crash on purpose must not decide for the others. Where a shard is not quarantined although it should
    /// be, each node still has no more than its own tries of it.
    mutating func countCrash(_ row: Int, of node: NodeNumber, _ cause: Cause) -> Bool {
        let (count, nodes) = shards.countCrash(row, of: node)
        let needed = max(min(nodesBeforeQuarantine, slots.count), 2)
        guard count >= crashesBeforeQuarantine, nodes >= needed, nodes > shards.have[row],
            shards.quarantined[row] == nil
        else { return false }
        shards.quarantine(row, cause)
        return true
    }
}
