/// Which of N nodes run which batch, when each batch goes to K of them.
///
/// Whole batches are placed, with all their loading methods: results are compared inside a batch, so two nodes that share a
/// batch are compared by every method, and every method on each of them. Every two nodes meet once there are
/// ``batchesForAllPairs(nodes:replicas:)`` batches; with N − 1 of them over K − 1 (rounded up), all nodes are tied together
/// by a chain of comparisons. How many batches two nodes run never differs by more than one; by two where N is odd and K
/// is 2. After all pairs have met, the pattern begins again.
public struct PairCoverage: Sendable {
    /// The number of nodes.
    public let nodes: Int
    /// How many of them run each batch.
    public let replicas: Int
    private let roundRobin: RoundRobin?
    /// The blocks of a greedy coverage, one after the other; empty for a round robin.
    private let blocks: [Int32]

    /// Places `batches` batches on `nodes` nodes, `replicas` at a time (all of them where there are not so many).
    ///
    /// Takes time in proportion to the batches placed before the pattern repeats, times nodes times replicas.
    public init(nodes: Int, replicas: Int, batches: Int) {
        precondition(nodes >= 1 && replicas >= 1, "a batch is run by one node at least")
        self.nodes = nodes
        self.replicas = min(replicas, nodes)
        if self.replicas == 2, nodes > 2 {
            roundRobin = RoundRobin(nodes: nodes)
            blocks = []
        } else {
            roundRobin = nil
            var greedy = GreedyCoverage(nodes: nodes, replicas: self.replicas)
            var blocks: [Int32] = []
            var count = 0
            while count < batches, !(greedy.isComplete && greedy.isEven && count > 0) {
                blocks += greedy.nextBlock().map(Int32.init)
                count += 1
            }
            self.blocks = blocks
        }
    }

    /// The nodes, numbered from 0, that run a batch.
    public subscript(batch: Int) -> [Int] {
        if let roundRobin { return roundRobin[batch] }
        let count = blocks.count / replicas
        guard count > 0 else { return [] }
        let first = batch % count * replicas
        return blocks[first..<first + replicas].map(Int.init)
    }

    /// How many batches it takes for every two nodes to meet; nil when they never do, with one node a batch.
    public static func batchesForAllPairs(nodes: Int, replicas: Int) -> Int? {
        guard nodes > 1 else { return 1 }
        guard replicas > 1 else { return nil }
        if replicas == 2 { return nodes * (nodes - 1) / 2 }
        var greedy = GreedyCoverage(nodes: nodes, replicas: min(replicas, nodes))
        var count = 0
        while !greedy.isComplete {
            _ = greedy.nextBlock()
            count += 1
        }
        return count
    }

    /// How many batches it takes to tie all nodes together by a chain of comparisons; nil with one node a batch.
    public static func batchesForChain(nodes: Int, replicas: Int) -> Int? {
        guard nodes > 1 else { return 1 }
        guard replicas > 1 else { return nil }
        let step = min(replicas, nodes) - 1
        return (nodes - 1 + step - 1) / step
    }
}

/// Pairs of nodes as a round-robin tournament pairs its nodes, by the circle method
/// (https://en.wikipedia.org/wiki/Round-robin_tournament): every two nodes meet once, and two rounds in a row tie all together.
private struct RoundRobin: Sendable {
    let nodes: Int

    subscript(match: Int) -> [Int] {
        // With an odd number of nodes, one sits out in each round.
        let even = nodes + nodes % 2
        let turning = even - 1
        let isOdd = nodes % 2 == 1
        let matches = isOdd ? even / 2 - 1 : even / 2
        let round = match / matches % turning
        let place = match % matches + (isOdd ? 1 : 0)
        if place == 0 { return [round, turning].sorted() }
        return [(round + place) % turning, (round - place + turning) % turning].sorted()
    }
}

/// A pairwise-coverage design for blocks of more than two, chosen block by block: each node is in as many blocks as the
/// others, unconnected nodes are tied first, then nodes that have not met.
private struct GreedyCoverage: Sendable {
    let nodes: Int
    let replicas: Int
    private let words: Int
    /// For each node, a bit for each node it has not met.
    private var unmet: [UInt64]
    private var unmetPairs: Int
    private var load: [Int]
    private var lowest = 0
    /// Nodes that are in `lowest` blocks.
    private var waiting: [UInt64]
    private var waitingCount: Int
    /// The chain of comparisons that each node belongs to.
    private var chain: [Int]
    private var chains: Int

    init(nodes: Int, replicas: Int) {
        self.nodes = nodes
        self.replicas = replicas
        words = (nodes + 63) / 64
        var all = [UInt64](repeating: 0, count: words)
        for node in 0..<nodes { all[node / 64] |= 1 << UInt64(node % 64) }
        waiting = all
        waitingCount = nodes
        unmet = []
        for node in 0..<nodes {
            var others = all
            others[node / 64] &= ~(1 << UInt64(node % 64))
            unmet += others
        }
        unmetPairs = nodes * (nodes - 1) / 2
        load = Array(repeating: 0, count: nodes)
        chain = Array(0..<nodes)
        chains = nodes
    }

    /// Whether every two nodes have met, or never can.
    var isComplete: Bool { unmetPairs == 0 || replicas < 2 }
    /// Whether all nodes are in the same number of blocks.
    var isEven: Bool { waitingCount == nodes }

    mutating func nextBlock() -> [Int] {
        var block: [Int] = []
        if waitingCount <= replicas { for node in 0..<nodes where isWaiting(node) { block.append(node) } }
        let mustWait = waitingCount > replicas
        while block.count < replicas {
            guard let node = best(for: block, amongWaiting: mustWait) else { break }
            block.append(node)
        }
        for node in block { note(node, in: block) }
        return block.sorted()
    }

    private func isWaiting(_ node: Int) -> Bool { waiting[node / 64] >> UInt64(node % 64) & 1 == 1 }

    private func hasMet(_ node: Int, _ other: Int) -> Bool {
        unmet[node * words + other / 64] >> UInt64(other % 64) & 1 == 0
    }

    /// The node to add to a block: of another chain than those in it, with the most in it that it has not met.
    private func best(for block: [Int], amongWaiting: Bool) -> Int? {
        var best: (node: Int, score: Int)?
        for node in 0..<nodes where !block.contains(node) && (!amongWaiting || isWaiting(node)) {
            var score = 0
            if block.isEmpty {
                for word in 0..<words { score += (unmet[node * words + word] & waiting[word]).nonzeroBitCount }
            } else {
                for other in block where !hasMet(node, other) { score += 1 }
                if chains > 1, !block.contains(where: { chain[$0] == chain[node] }) { score += replicas }
            }
            if score > best?.score ?? -1 { best = (node, score) }
        }
        return best?.node
    }

    private mutating func note(_ node: Int, in block: [Int]) {
        for other in block where other != node {
            if !hasMet(node, other) {
                unmet[node * words + other / 64] &= ~(1 << UInt64(other % 64))
                unmet[other * words + node / 64] &= ~(1 << UInt64(node % 64))
                unmetPairs -= 1
            }
            let (from, to) = (chain[other], chain[node])
            guard from != to else { continue }
            chains -= 1
            for index in chain.indices where chain[index] == from { chain[index] = to }
        }
        load[node] += 1
        if isWaiting(node) {
            waiting[node / 64] &= ~(1 << UInt64(node % 64))
            waitingCount -= 1
        }
        if waitingCount == 0 {
            lowest += 1
            for other in 0..<nodes where load[other] == lowest {
                waiting[other / 64] |= 1 << UInt64(other % 64)
                waitingCount += 1
            }
        }
    }
}
