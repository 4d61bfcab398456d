/// All grants of a run, and the queues of what waits for one.
///
/// An assignment is pending, leased, storing, and then done for ever; a grant that ends without a result makes it pending
/// again with the old epoch closed, or closes it for ever.
struct LeaseBook: Sendable {
    /// By lease identifier; a shard in a place gets one with its first grant.
    private(set) var assignments: [Assignment] = []
    /// The shards of each slot.
    private(set) var slots: [WorkQueue] = []
    /// Questions, by the node they are put to.
    private(set) var questions: [NodeNumber: WorkQueue] = [:]
    /// What went wrong, by lease.
    private(set) var troubles: [LeaseID: Trouble] = [:]
    private(set) var leasedCount = 0
    private(set) var storingCount = 0
    private let floor: Epoch
    private let triesPerNode: Int

    init(floor: Epoch, triesPerNode: Int) {
        self.floor = floor
        self.triesPerNode = triesPerNode
    }

    /// Opens the queue of one more slot.
    mutating func openSlot(_ queue: WorkQueue = WorkQueue()) { slots.append(queue) }

    /// Adds shards of one method to a place.
    mutating func append(_ rows: [Int32], method: Int, to place: Assignment.Place) {
        change(place) { $0.append(rows, method: method) }
    }

    /// Lets `body` change the queue of a place; nil for a place without one.
    @discardableResult
    mutating func change<Result>(_ place: Assignment.Place, _ body: (inout WorkQueue) -> Result) -> Result? {
        switch place {
        case .slot(let slot): body(&slots[slot])
        case .node(let node): body(&questions[node, default: WorkQueue()])
        case .extra: nil
        }
    }

    /// Notes a result that an earlier coordinator stored: at a position that is pending, or in no place that waits for it.
    mutating func restore(row: Int, at place: Assignment.Place, position: Int, by node: NodeNumber) {
        _ = change(place) { $0.take(position) }
        _ = add(row: row, at: place, position: position)
        assignments[assignments.count - 1].state = .done(node)
    }

    /// Grants a pending position.
    mutating func grant(_ position: Int, of place: Assignment.Place, row: Int, to node: NodeNumber) -> Lease {
        let former = change(place) { $0.take(position) } ?? nil
        let id = former ?? add(row: row, at: place, position: position)
        assignments[id.rawValue].epoch = assignments[id.rawValue].epoch.next
        assignments[id.rawValue].state = .leased(node)
        leasedCount += 1
        return assignments[id.rawValue].lease
    }

    /// Sets a pending position aside for good, and returns the latest grant that it had, if any.
    mutating func close(_ position: Int, of place: Assignment.Place, row: Int, _ cause: Cause) -> Lease {
        let former = change(place) { $0.take(position) } ?? nil
        let id = former ?? add(row: row, at: place, position: position)
        assignments[id.rawValue].state = .closed
        troubles[id, default: Trouble()].lastCause = cause
        troubles[id, default: Trouble()].isFinal = true
        return assignments[id.rawValue].lease
    }

    /// How a grant without a result ended.
    enum Release: Equatable {
        /// There was no such grant.
        case none
        /// It waits to be granted again.
        case pending
        /// It is set aside in its place; `nil` where nobody waits for it.
        case closed(Cause?)
    }

    /// Ends a grant without a result; with `blame`, it counts as one try of the node.
    mutating func release(_ lease: Lease, blame: Cause?) -> Release {
        guard let assignment = self[lease], case .leased(let node) = assignment.state else { return .none }
        leasedCount -= 1
        guard assignment.place != .extra else {
            assignments[lease.id.rawValue].state = .closed
            return .closed(nil)
        }
        if let blame {
            var trouble = troubles[lease.id] ?? Trouble()
            trouble.tries[node, default: 0] += 1
            trouble.lastCause = blame
            trouble.isFinal = trouble.tries[node, default: 0] >= triesPerNode || blame.isInputFault
            troubles[lease.id] = trouble
            if trouble.isFinal {
                assignments[lease.id.rawValue].state = .closed
                return .closed(blame)
            }
        }
        assignments[lease.id.rawValue].state = .pending
        change(assignment.place) { $0.giveBack(assignment.position, lease.id) }
        return .pending
    }

    /// Notes that the result of an accepted grant is durable, and returns the node it came from.
    mutating func stored(_ lease: Lease) -> NodeNumber? {
        guard let assignment = self[lease], case .storing(let node) = assignment.state else { return nil }
        assignments[lease.id.rawValue].state = .done(node)
        storingCount -= 1
        return node
    }

    /// Whether a result that `node` hands in under `lease` counts; if so it is now being stored.
    mutating func accept(_ lease: Lease, from node: NodeNumber) -> Verdict {
        let verdict = judge(lease, from: node)
        if case .accepted = verdict {
            assignments[lease.id.rawValue].state = .storing(node)
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
    func judge(_ lease: Lease, from node: NodeNumber) -> Verdict {
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

    /// The assignment whose latest grant is `lease`.
    subscript(lease: Lease) -> Assignment? {
        guard assignments.indices.contains(lease.id.rawValue) else { return nil }
        let assignment = assignments[lease.id.rawValue]
        return assignment.epoch == lease.epoch ? assignment : nil
    }

    private mutating func add(row: Int, at place: Assignment.Place, position: Int) -> LeaseID {
        let id = LeaseID(rawValue: assignments.count)
        assignments.append(Assignment(id: id, row: row, place: place, position: position, epoch: floor))
        return id
    }
}
