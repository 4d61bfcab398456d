/// Which nodes may take work, and which slots have work that their owners cannot do.
struct ReadyQueue: Sendable {
    /// Nodes that may be able to take a job, in the order in which they became so.
    private(set) var runnable: [NodeNumber] = []
    private var isRunnable: Set<NodeNumber> = []
    /// Nodes without a job for which none was found.
    private var parked: Set<NodeNumber> = []
    /// Slots, ascending, with work that their owners cannot do.
    private(set) var unowned: [Int] = []
    /// Counts the events that make it worth while for parked nodes to search again.
    private(set) var generation = 0

    /// Records that a node may be able to take a job.
    mutating func enqueue(_ node: NodeNumber) {
        parked.remove(node)
        if isRunnable.insert(node).inserted { runnable.append(node) }
    }

    /// Takes the runnable nodes out, in the order of their numbers.
    mutating func takeRunnable() -> [NodeNumber] {
        let taken = runnable.sorted()
        runnable.removeAll(keepingCapacity: true)
        isRunnable.removeAll(keepingCapacity: true)
        return taken
    }

    /// Records that no job was found for a node.
    mutating func park(_ node: NodeNumber) { parked.insert(node) }

    /// Lets all parked nodes look for work again.
    mutating func wakeAll() {
        generation += 1
        for node in parked.sorted() { enqueue(node) }
    }

    /// Records whether a slot has work that its owner cannot do; wakes parked nodes when it has and did not before, or when
    /// more came (`isNews`).
    mutating func set(_ slot: Int, isUnowned: Bool, isNews: Bool) {
        let index = unowned.index(notBelow: slot)
        let wasUnowned = index < unowned.count && unowned[index] == slot
        if isUnowned, !wasUnowned { unowned.insert(slot, at: index) }
        if !isUnowned, wasUnowned { unowned.remove(at: index) }
        if isUnowned, isNews || !wasUnowned { wakeAll() }
    }
}
