import MAEDomain

/// Decides which node runs what next: it owns the slots of the expected nodes, and the queue of nodes that may take work.
///
/// An event costs what it concerns: only nodes in the ready queue are looked at, and only slots with work that their owners
/// cannot do are searched for others.
@usableFromInline
struct Scheduler: Sendable {
    /// Positions that a handful of parked nodes may look at in one event, searching for work of others.
    private static let searchBudget = 4096

    /// Where a node without work of its own left off looking for work of others.
    private struct Search: Sendable {
        /// The state of the ready queue that it was begun in.
        var generation = -1
        /// The slot it has come to, and the position in its queue.
        var slot = 0
        var position = 0
    }

    /// A shard that waits at a position of a place.
    @usableFromInline
    struct Work {
        @usableFromInline let place: Assignment.Place
        @usableFromInline let position: Int
        @usableFromInline let row: Int
    }

    private(set) var ready = ReadyQueue()
    private var slots: Slots
    private var searches: [NodeNumber: Search] = [:]
    private let policy: ClusterPolicy

    init(workers: Int, policy: ClusterPolicy) {
        slots = Slots(count: workers)
        self.policy = policy
    }

    // MARK: Slots

    /// The owner of each slot; nil where there was none yet.
    var owners: [NodeNumber?] { slots.owners }

    /// The slot that a node owns.
    func slot(of node: NodeNumber) -> Int? { slots[node] }

    /// Gives slots to the nodes that took part under an earlier coordinator, in the order in which they got them there.
    ///
    /// A node beyond the expected ones gets one only if it has results: without any it needs none before it comes back.
    mutating func restoreOwners(_ history: RunHistory, _ leases: inout LeaseTable, _ membership: inout Membership) {
        let withResults = Set(history.results.map(\.node))
        for node in history.nodes + history.results.map(\.node) {
            let number = membership.number(of: node)
            guard slots[number] == nil, slots.free != nil || withResults.contains(node) else { continue }
            slots.assign(slots.free ?? openSlot(&leases, membership), to: number)
        }
    }

    /// Gives a node a slot, and names the owner that it took the slot over from, if it did.
    ///
    /// Its own comes first, then one without an owner, then one whose owner is lost or drained with work left for the node,
    /// then one on top.
    mutating func seat(
        _ node: NodeNumber, _ leases: inout LeaseTable, _ membership: Membership
    ) -> (slot: Int, formerOwner: NodeID?) {
        if let own = slots[node] { return (own, nil) }
        if let free = slots.free {
            slots.assign(free, to: node)
            return (free, nil)
        }
        for slot in ready.unowned {
            guard let owner = slots.owners[slot], membership[owner].isAway, leases.hasWork(inSlot: slot, for: node)
            else { continue }
            slots.assign(slot, to: node)
            leases.rewind(slot: slot)
            return (slot, membership.name(of: owner))
        }
        let slot = openSlot(&leases, membership)
        slots.assign(slot, to: node)
        return (slot, nil)
    }

    private mutating func openSlot(_ leases: inout LeaseTable, _ membership: Membership) -> Int {
        slots.open()
        let slot = leases.openSlot()
        reassess(slot, leases, membership)
        return slot
    }

    // MARK: The ready queue

    /// Whether some node may be able to take a job.
    @usableFromInline
    var isAnyRunnable: Bool { !ready.runnable.isEmpty }

    /// Records that a node may be able to take a job.
    @usableFromInline
    mutating func enqueue(_ node: NodeNumber) { ready.enqueue(node) }

    /// Lets all nodes without work look for some again.
    mutating func wakeAll() { ready.wakeAll() }

    /// Takes the nodes out that may be able to take a job.
    @usableFromInline
    mutating func takeRunnable() -> [NodeNumber] { ready.takeRunnable() }

    /// Records that no job was found for a node.
    @usableFromInline
    mutating func park(_ node: NodeNumber) { ready.park(node) }

    /// Lets a node that joined search from the start.
    mutating func forgetSearch(of node: NodeNumber) { searches[node] = nil }

    /// Offers what waits in a place again: to its owner, or to others when the owner cannot take it.
    mutating func offer(_ place: Assignment.Place, _ leases: LeaseTable, _ membership: Membership) {
        switch place {
        case .slot(let slot):
            if let owner = slots.owners[slot], membership.canWork(owner) { ready.enqueue(owner) }
            reassess(slot, leases, membership, isNews: true)
        case .node(let number): ready.enqueue(number)
        case .extra: break
        }
    }

    /// Records whether the slot of a node has work that the node cannot do.
    mutating func reassessSlot(of node: NodeNumber, _ leases: LeaseTable, _ membership: Membership) {
        if let slot = slots[node] { reassess(slot, leases, membership) }
    }

    /// Records whether a slot has work that its owner cannot do: the owner cannot work, or has found nothing
    /// (`isExhausted`) that it may run.
    private mutating func reassess(
        _ slot: Int, _ leases: LeaseTable, _ membership: Membership, isExhausted: Bool = false, isNews: Bool = false
    ) {
        guard let owner = slots.owners[slot] else { return }
        let isUnowned = !membership.canWork(owner) || isExhausted
        ready.set(slot, isUnowned: isUnowned && leases.pendingCount(inSlot: slot) > 0, isNews: isNews)
    }

    // MARK: Work

    /// How many leases a node may hold that takes `mostJobs` at once: more where the jobs of its method are short.
    @usableFromInline
    func leaseLimit(mostJobs: Int, typicalDuration: Duration?) -> Int {
        guard let typicalDuration, typicalDuration > .zero else { return min(policy.leasesPerNode, mostJobs) }
        let wanted = min(policy.workInHand / typicalDuration, Double(policy.mostLeasesPerNode))
        return min(max(policy.leasesPerNode, Int(wanted)), mostJobs)
    }

    /// What a node is to run next in a place of its own: re-runs that were asked of it first, then its slot.
    @usableFromInline
    mutating func nextWork(
        for node: NodeNumber, _ leases: inout LeaseTable, _ membership: Membership
    ) -> Work? {
        let method = membership.method(of: node)
        if let (position, row) = leases.nextRerun(for: node, preferring: method) {
            return Work(place: .node(node), position: position, row: row)
        }
        guard let slot = slots[node] else { return nil }
        if let (position, row) = leases.nextWork(inSlot: slot, for: node, preferring: method) {
            return Work(place: .slot(slot), position: position, row: row)
        }
        // Whatever is left in its slot is for others.
        reassess(slot, leases, membership, isExhausted: true)
        return nil
    }

    /// How much of the slots of others may be searched in one event.
    @usableFromInline
    struct SearchBudget {
        fileprivate(set) var positions = Scheduler.searchBudget
        /// Whether the event has searched enough.
        @usableFromInline
        var isSpent: Bool { positions <= 0 }

        @usableFromInline init() {}
    }

    /// A shard that a node without work can run in place of the owner of its slot, which is absent, stalled, drained, or
    /// barred from it because it has run the shard in another slot.
    @usableFromInline
    mutating func unownedWork(
        for node: NodeNumber, _ leases: LeaseTable, _ budget: inout SearchBudget
    ) -> Work? {
        var search = searches[node] ?? Search()
        if search.generation != ready.generation { search = Search(generation: ready.generation) }
        defer { searches[node] = search }
        for slot in ready.unowned where slot >= search.slot {
            if slot > search.slot { (search.slot, search.position) = (slot, 0) }
            while let (position, row) = leases.nextPending(inSlot: slot, from: search.position) {
                budget.positions -= 1
                guard !budget.isSpent else { return nil }
                if !leases.shards.isMet(row), leases.shards.canRun(row, on: node) {
                    return Work(place: .slot(slot), position: position, row: row)
                }
                search.position = position + 1
            }
            (search.slot, search.position) = (slot + 1, 0)
        }
        return nil
    }
}
