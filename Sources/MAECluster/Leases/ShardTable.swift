/// The shards of a run by their row, with the count of what each has, in the order in which they are run.
struct ShardTable: Sendable {
    private struct Engagement: Sendable, Hashable {
        let row: Int32
        let node: Int32
    }

    private(set) var shards: [Shard] = []
    private var rows: [ShardID: Int] = [:]
    private(set) var methods: [String] = []
    private var methodNumbers: [Int32] = []
    /// How many different nodes have to run each.
    private(set) var wanted: [Int32] = []
    /// How many nodes' results are in or being stored.
    private(set) var have: [Int32] = []
    /// In how many of the places where it is due it will not be granted any more: done, being stored or set aside.
    private(set) var closed: [Int32] = []
    /// Who holds a lease of a shard, or has run it: a second run by the same node would add nothing.
    private var engagements: Set<Engagement> = []
    /// How many shards each node has run.
    private(set) var resultCount: [NodeNumber: Int] = [:]
    /// How many shards lack results.
    private(set) var unmetCount = 0
    /// Shards that lack results and have no place left to get them from.
    private(set) var hopeless: Set<Int> = []
    /// Shards that nobody is to run any more, with the cause.
    private(set) var setAside: [Int: Cause] = [:]
    /// What shards cost their nodes: how often, and which.
    private(set) var casualties: [Int: (count: Int, nodes: Set<NodeNumber>)] = [:]

    /// Adds shards, grouped by method in the order in which methods first appear; returns each method's rows.
    mutating func add(_ added: [Shard], wanted want: (Shard) -> Int) -> [(method: Int, rows: [Int32])] {
        var numbers: [String: Int] = [:]
        for (number, method) in methods.enumerated() { numbers[method] = number }
        var groups: [(method: Int, shards: [Shard])] = []
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
                wanted.append(Int32(want(shard)))
                have.append(0)
                closed.append(0)
            }
            unmetCount += shards.count
            return (method, (first..<self.shards.count).map(Int32.init))
        }
    }

    subscript(row: Int) -> Shard { shards[row] }

    func row(of id: ShardID) -> Int? { rows[id] }

    func method(of row: Int) -> Int { Int(methodNumbers[row]) }

    func isMet(_ row: Int) -> Bool { have[row] >= wanted[row] }

    /// Whether any shard that lacks results may still get them.
    var isAnyAwaited: Bool { unmetCount > hopeless.count }

    /// Whether a result of `node` would add to what the shard has.
    func canRun(_ row: Int, on node: NodeNumber) -> Bool {
        !engagements.contains(engagement(row, node)) && setAside[row] == nil
    }

    /// Whether `node` should run the shard in a place of its own: not where some nodes are to run it and enough have.
    func isWanted(_ row: Int, from node: NodeNumber) -> Bool {
        guard canRun(row, on: node) else { return false }
        if isMet(row), case .overlap = shards[row].placement { return false }
        return true
    }

    /// Whether `node` holds a lease of the shard or has run it.
    func isEngaged(_ row: Int, _ node: NodeNumber) -> Bool { engagements.contains(engagement(row, node)) }

    /// Notes that `node` is at work on the shard.
    mutating func engage(_ row: Int, _ node: NodeNumber) { engagements.insert(engagement(row, node)) }

    /// Notes that `node` has given the shard up.
    mutating func disengage(_ row: Int, _ node: NodeNumber) { engagements.remove(engagement(row, node)) }

    /// Counts a result of a node that is engaged.
    mutating func count(_ row: Int, _ node: NodeNumber) {
        have[row] += 1
        resultCount[node, default: 0] += 1
        guard have[row] == wanted[row] else { return }
        unmetCount -= 1
        hopeless.remove(row)
    }

    /// Notes that one of the `due` places of a shard grants it no more.
    mutating func close(_ row: Int, due: Int) {
        closed[row] += 1
        if !isMet(row), closed[row] >= due { hopeless.insert(row) }
    }

    /// Notes in how many places a shard without hope is due now.
    mutating func reconsider(_ row: Int, due: Int) {
        if setAside[row] == nil, closed[row] < due { hopeless.remove(row) }
    }

    /// Counts a node that the shard was the end of; returns the counts so far.
    mutating func countCasualty(_ row: Int, _ node: NodeNumber) -> (count: Int, nodes: Int) {
        var casualty = casualties[row] ?? (0, [])
        casualty.count += 1
        casualty.nodes.insert(node)
        casualties[row] = casualty
        return (casualty.count, casualty.nodes.count)
    }

    /// Sets a shard aside everywhere.
    mutating func setAside(_ row: Int, _ cause: Cause) {
        guard setAside[row] == nil else { return }
        setAside[row] = cause
        if !isMet(row) { hopeless.insert(row) }
    }

    private func engagement(_ row: Int, _ node: NodeNumber) -> Engagement {
        Engagement(row: Int32(truncatingIfNeeded: row), node: Int32(truncatingIfNeeded: node.index))
    }
}
