import MAEDomain

/// The shards of a run by their row, with the count of what each has, in the order in which they are run.
///
/// What they stand for is not here: ``CoordinatorStateMachine`` has it, by the same rows.
@usableFromInline
struct ShardTable: Sendable {
    private(set) var ids: [ShardID] = []
    private var rows: [ShardID: Int] = [:]
    private var batches: [Int32] = []
    private var placements: [Placement] = []
    private(set) var methods: [String] = []
    private var methodNumbers: [Int32] = []
    /// How many different nodes have to run each.
    private(set) var wanted: [Int32] = []
    /// How many nodes' results are in or being stored.
    private(set) var have: [Int32] = []
    /// In how many of the places where it is due it is not granted any more: done, being stored or given up.
    private(set) var closed: [Int32] = []
    /// By node, the shards that it holds a lease of, or has run: a second run by the same node would add nothing.
    private var engagements: [RowSet] = []
    /// How many shards each node has run.
    private(set) var resultCount: [NodeNumber: Int] = [:]
    /// How many shards lack results.
    @usableFromInline private(set) var unmetCount = 0
    /// Shards that lack results and have no place left to get them from.
    private(set) var unattainable: Set<Int> = []
    /// Shards that no node is to run any more, because they crash their nodes, with the last cause.
    private(set) var quarantined: [Int: Cause] = [:]
    /// How many crashes of which nodes, by shard.
    private(set) var crashes: [Int: [NodeNumber: Int]] = [:]

    /// Adds shards that are in the order in which they are to be run (``Swift/Array/inRunOrder()``); returns the rows of each
    /// method.
    mutating func add<Work>(
        _ added: [Shard<Work>], wanted want: (Placement) -> Int
    ) -> [(method: Int, rows: Range<Int>)] {
        var groups: [(method: Int, rows: Range<Int>)] = []
        for shard in added {
            let row = ids.count
            let method = number(ofMethod: shard.method)
            if let last = groups.last, last.method == method {
                groups[groups.count - 1].rows = last.rows.lowerBound..<row + 1
            } else {
                groups.append((method, row..<row + 1))
            }
            rows[shard.id] = row
            ids.append(shard.id)
            batches.append(Int32(shard.batch))
            placements.append(shard.placement)
            methodNumbers.append(Int32(method))
            wanted.append(Int32(want(shard.placement)))
            have.append(0)
            closed.append(0)
        }
        unmetCount += added.count
        return groups
    }

    private mutating func number(ofMethod name: String) -> Int {
        if let number = methods.firstIndex(of: name) { return number }
        methods.append(name)
        return methods.count - 1
    }

    func row(of id: ShardID) -> Int? { rows[id] }

    @usableFromInline
    func method(of row: Int) -> Int { Int(methodNumbers[row]) }

    func batch(of row: Int) -> Int { Int(batches[row]) }

    func placement(of row: Int) -> Placement { placements[row] }

    /// Whether the shard goes to some of the nodes, and not to each or to a named one.
    func isShared(_ row: Int) -> Bool { if case .overlap = placements[row] { true } else { false } }

    func isMet(_ row: Int) -> Bool { have[row] >= wanted[row] }

    /// Whether any shard that lacks results can still get them.
    @usableFromInline
    var isAnyAttainable: Bool { unmetCount > unattainable.count }

    /// Whether a result of `node` would add to what the shard has.
    func canRun(_ row: Int, on node: NodeNumber) -> Bool {
        !isEngaged(row, node) && quarantined[row] == nil
    }

    /// Whether `node` should run the shard in a place of its own: not where some nodes are to run it and enough have.
    func isWanted(_ row: Int, from node: NodeNumber) -> Bool {
        canRun(row, on: node) && !(isShared(row) && isMet(row))
    }

    /// Whether `node` holds a lease of the shard or has run it.
    func isEngaged(_ row: Int, _ node: NodeNumber) -> Bool {
        node.index < engagements.count && engagements[node.index].contains(row)
    }

    /// Records that `node` holds a lease of the shard.
    mutating func engage(_ row: Int, _ node: NodeNumber) {
        while engagements.count <= node.index { engagements.append(RowSet()) }
        engagements[node.index].insert(row)
    }

    /// Records that `node` has given the shard up.
    mutating func disengage(_ row: Int, _ node: NodeNumber) {
        if node.index < engagements.count { engagements[node.index].remove(row) }
    }

    /// Counts a result of a node that is engaged.
    mutating func count(_ row: Int, _ node: NodeNumber) {
        have[row] += 1
        resultCount[node, default: 0] += 1
        guard have[row] == wanted[row] else { return }
        unmetCount -= 1
        unattainable.remove(row)
    }

    /// Records that one of the `due` places of a shard grants it no more.
    mutating func close(_ row: Int, due: Int) {
        closed[row] += 1
        if !isMet(row), closed[row] >= due { unattainable.insert(row) }
    }

    /// Records in how many places an unattainable shard is due now.
    mutating func reconsider(_ row: Int, due: Int) {
        if quarantined[row] == nil, closed[row] < due { unattainable.remove(row) }
    }

    /// Counts a crash of a node that ran the shard; returns the counts so far.
    mutating func countCrash(_ row: Int, of node: NodeNumber) -> (count: Int, nodes: Int) {
        crashes[row, default: [:]][node, default: 0] += 1
        let counts = crashes[row] ?? [:]
        return (counts.values.reduce(0, +), counts.count)
    }

    /// Takes back one that turned out to be none.
    mutating func takeBackCrash(_ row: Int, of node: NodeNumber) {
        guard let count = crashes[row]?[node] else { return }
        crashes[row]?[node] = count > 1 ? count - 1 : nil
        if crashes[row]?.isEmpty == true { crashes[row] = nil }
    }

    /// Lets no node run a shard any more.
    mutating func quarantine(_ row: Int, _ cause: Cause) {
        guard quarantined[row] == nil else { return }
        quarantined[row] = cause
        if !isMet(row) { unattainable.insert(row) }
    }
}
