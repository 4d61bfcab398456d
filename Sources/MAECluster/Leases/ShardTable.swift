import MAEDomain

/// The shards of a run by their row, with the count of what each has, in the order in which they are run.
struct ShardTable<Work: Sendable>: Sendable {
    private struct Engagement: Sendable, Hashable {
        let row: Int32
        let node: Int32
    }

    private(set) var shards: [Shard<Work>] = []
    private var rows: [ShardID: Int] = [:]
    private(set) var methods: [String] = []
    private var methodNumbers: [Int32] = []
    /// Whether a shard goes to some of the nodes only.
    private var isShared: [Bool] = []
    /// How many different nodes have to run each.
    private(set) var wanted: [Int32] = []
    /// How many nodes' results are in or being stored.
    private(set) var have: [Int32] = []
    /// In how many of the places where it is due it is not granted any more: done, being stored or given up.
    private(set) var closed: [Int32] = []
    /// Which nodes hold a lease of a shard, or have run it: a second run by the same node would add nothing.
    private var engagements: Set<Engagement> = []
    /// How many shards each node has run.
    private(set) var resultCount: [NodeNumber: Int] = [:]
    /// How many shards lack results.
    private(set) var unmetCount = 0
    /// Shards that lack results and have no place left to get them from.
    private(set) var unattainable: Set<Int> = []
    /// Shards that no node is to run any more, because they crash their nodes, with the last cause.
    private(set) var quarantined: [Int: Cause] = [:]
    /// Crashes by shard: how many, and of which nodes.
    private(set) var crashes: [Int: (count: Int, nodes: Set<NodeNumber>)] = [:]

    /// Adds shards, grouped by method in the order in which methods first appear; returns each method's rows.
    mutating func add(_ added: [Shard<Work>], wanted want: (Shard<Work>) -> Int) -> [(method: Int, rows: [Int32])] {
        var numbers: [String: Int] = [:]
        for (number, method) in methods.enumerated() { numbers[method] = number }
        var groups: [(method: Int, shards: [Shard<Work>])] = []
        var indices: [Int: Int] = [:]
        for shard in added {
            if numbers[shard.method] == nil {
                numbers[shard.method] = methods.count
                methods.append(shard.method)
            }
            guard let number = numbers[shard.method] else { continue }
            if indices[number] == nil {
                indices[number] = groups.count
                groups.append((number, []))
            }
            if let index = indices[number] { groups[index].shards.append(shard) }
        }
        shards.reserveCapacity(shards.count + added.count)
        return groups.map { method, shards in
            let first = self.shards.count
            for shard in shards.sorted(by: { ($0.batch, $0.id) < ($1.batch, $1.id) }) {
                rows[shard.id] = self.shards.count
                self.shards.append(shard)
                methodNumbers.append(Int32(method))
                if case .overlap = shard.placement { isShared.append(true) } else { isShared.append(false) }
                wanted.append(Int32(want(shard)))
                have.append(0)
                closed.append(0)
            }
            unmetCount += shards.count
            return (method, (first..<self.shards.count).map(Int32.init))
        }
    }

    subscript(row: Int) -> Shard<Work> { shards[row] }

    func row(of id: ShardID) -> Int? { rows[id] }

    func method(of row: Int) -> Int { Int(methodNumbers[row]) }

    /// Whether the shard goes to some of the nodes, and not to each or to a named one.
    func isShared(_ row: Int) -> Bool { isShared[row] }

    func isMet(_ row: Int) -> Bool { have[row] >= wanted[row] }

    /// Whether any shard that lacks results can still get them.
    var isAnyAttainable: Bool { unmetCount > unattainable.count }

    /// Whether a result of `node` would add to what the shard has.
    func canRun(_ row: Int, on node: NodeNumber) -> Bool {
        !engagements.contains(engagement(row, node)) && quarantined[row] == nil
    }

    /// Whether `node` should run the shard in a place of its own: not where some nodes are to run it and enough have.
    func isWanted(_ row: Int, from node: NodeNumber) -> Bool {
        canRun(row, on: node) && !(isShared[row] && isMet(row))
    }

    /// Whether `node` holds a lease of the shard or has run it.
    func isEngaged(_ row: Int, _ node: NodeNumber) -> Bool { engagements.contains(engagement(row, node)) }

    /// Records that `node` holds a lease of the shard.
    mutating func engage(_ row: Int, _ node: NodeNumber) { engagements.insert(engagement(row, node)) }

    /// Records that `node` has given the shard up.
    mutating func disengage(_ row: Int, _ node: NodeNumber) { engagements.remove(engagement(row, node)) }

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
        var crash = crashes[row] ?? (0, [])
        crash.count += 1
        crash.nodes.insert(node)
        crashes[row] = crash
        return (crash.count, crash.nodes.count)
    }

    /// Lets no node run a shard any more.
    mutating func quarantine(_ row: Int, _ cause: Cause) {
        guard quarantined[row] == nil else { return }
        quarantined[row] = cause
        if !isMet(row) { unattainable.insert(row) }
    }

    private func engagement(_ row: Int, _ node: NodeNumber) -> Engagement {
        Engagement(row: Int32(truncatingIfNeeded: row), node: Int32(truncatingIfNeeded: node.index))
    }
}
