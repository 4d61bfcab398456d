/// Who may want work, and where there is work that those whose it is cannot do.
struct Market: Sendable {
    /// Nodes that may be able to take a job, in the order in which they became so.
    private(set) var hungry: [NodeNumber] = []
    private var isHungry: Set<NodeNumber> = []
    /// Nodes without a job for which none was found.
    private(set) var idle: Set<NodeNumber> = []
    /// Slots, ascending, with work that their owners cannot do.
    private(set) var stranded: [Int] = []
    /// Counts what makes it worth while for idle nodes to search again.
    private(set) var generation = 0
    /// Leases that run much longer than others of their method.
    var slow: [Lease] = []
    /// Grants of shards that run elsewhere too, and slowly.
    var spares: [Lease] = []
    /// Rows of the shards that were granted once more because they are slow.
    var doubled: Set<Int> = []

    /// Notes that a node may be able to take a job.
    mutating func wake(_ node: NodeNumber) {
        idle.remove(node)
        if isHungry.insert(node).inserted { hungry.append(node) }
    }

    /// Takes the hungry nodes out, in the order of their numbers.
    mutating func takeHungry() -> [NodeNumber] {
        let taken = hungry.sorted()
        hungry.removeAll(keepingCapacity: true)
        isHungry.removeAll(keepingCapacity: true)
        return taken
    }

    /// Notes that nothing was found for a node.
    mutating func rest(_ node: NodeNumber) { idle.insert(node) }

    /// Notes that there is new work for whoever is idle.
    mutating func offer() {
        generation += 1
        for node in idle.sorted() { wake(node) }
    }

    /// Notes whether a slot has work that its owner cannot do; wakes idle nodes when it has, and `isNews`.
    mutating func set(_ slot: Int, isStranded: Bool, isNews: Bool) {
        let index = stranded.index(notBelow: slot)
        let wasStranded = index < stranded.count && stranded[index] == slot
        if isStranded, !wasStranded { stranded.insert(slot, at: index) }
        if !isStranded, wasStranded { stranded.remove(at: index) }
        if isStranded, isNews || !wasStranded { offer() }
    }
}

/// Where an idle node left off looking for work of others.
struct Search: Sendable {
    /// The state of the market that it was begun in.
    var generation = -1
    /// The slot it has come to, and the position in its course.
    var slot = 0
    var position = 0
}
