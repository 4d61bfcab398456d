import MAEDomain
import MAEText

/// How quick a node was.
public struct NodePace: Sendable, Hashable {
    /// Its name.
    public let node: String
    /// Shards that it computed, each counted once.
    public let shards: Int
    /// The median of the seconds that it took for a shard: loading, drawing the input and the forward pass.
    public let medianSeconds: Double
    /// The part of all shards of the run that it computed, from 0 to 1.
    public let share: Double

    /// What was found before.
    package init(node: String, shards: Int, medianSeconds: Double, share: Double) {
        (self.node, self.shards, self.medianSeconds, self.share) = (node, shards, medianSeconds, share)
    }

    /// A node is slow whose median is at least so many times that of the nodes.
    static let slowFactor = 3.0
    /// So many seconds more, too: of less, the rest of a machine's life takes as much.
    private static let slowSeconds = 0.1
    /// Of fewer shards, a median says little.
    private static let leastShards = 3

    /// The median of the nodes' medians: of an even number of nodes, that of the quicker one in the middle.
    static func median(of paces: [NodePace]) -> Double? { paces.map(\.medianSeconds).lowerMedian }

    /// Those that took much longer for a shard than the other nodes.
    static func slow(among paces: [NodePace]) -> [NodePace] {
        guard paces.count > 1, let usual = median(of: paces) else { return [] }
        return paces.filter {
            $0.shards >= leastShards && $0.medianSeconds >= slowFactor * usual
                && $0.medianSeconds - usual >= slowSeconds
        }
    }
}

extension Comparison {
    /// How quick each node was, by name; without nodes that told nothing of time.
    public var paces: [NodePace] {
        if let counted, counted.batches > 0 { return counted.paces }
        let byNode = Dictionary(grouping: cells, by: \.node.name).mapValues { $0.map(\.seconds.total) }
        return NodePace.all(byNode, of: cells.count)
    }
}

extension NodePace {
    /// The paces of nodes with the seconds of each of their shards, by name, where the run has so many results.
    static func all(_ seconds: [String: [Double]], of results: Int) -> [NodePace] {
        seconds.sorted { NaturalOrder.precedes($0.key, $1.key) }.compactMap { node, mine in
            guard let median = mine.lowerMedian, median > 0, median.isFinite else { return nil }
            return NodePace(
                node: node, shards: mine.count, medianSeconds: median, share: Double(mine.count) / Double(results))
        }
    }
}

extension StageSeconds {
    var total: Double { load + input + forward }
}

extension [Double] {
    /// The value in the middle; of an even number the lower one.
    fileprivate var lowerMedian: Double? { isEmpty ? nil : sorted()[(count - 1) / 2] }
}
