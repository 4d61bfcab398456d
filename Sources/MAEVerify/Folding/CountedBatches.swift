/// The batches of a long run that are only counted, since batches that are judged whole show the same.
///
/// Each was compared as all others are: inside each batch every result with every other.
public struct CountedBatches: Sendable, Hashable {
    /// What one node gave by one method, in the batches that are only counted.
    public struct Share: Sendable, Hashable {
        /// The node; empty for places that no node ever took.
        public var node: String
        /// Label of the loading method.
        public var method: String
        /// Results.
        public var results = 0
        /// Results that differ from what their batch is set against.
        public var differing = 0
        /// Results that are within the tolerance of it, with other bits.
        public var close = 0
        /// Sum over these of their mean squared differences.
        public var squares = 0.0
        /// Results that are missing and not named.
        public var missing = 0

        /// A share without results.
        public init(node: String, method: String) { (self.node, self.method) = (node, method) }
    }

    /// Batches that are only counted.
    public var batches = 0
    /// Those of them in which results disagree.
    public var disagreeing = 0
    /// Results in them.
    public var results = 0
    /// Pairs of results in them.
    public var pairs = 0
    /// Pairs that disagree.
    public var disagreeingPairs = 0
    /// The same by node and method.
    public var shares: [Share] = []
    /// How quick the nodes were in the whole run, by name.
    public var paces: [NodePace] = []
    /// For each node those it shared a counted batch with; empty where every node runs every batch.
    public var neighbors: [String: Set<String>] = [:]

    /// Nothing is only counted.
    public init() {}

    /// Whether another tolerance may judge some of the counted batches otherwise.
    public var dependsOnTolerance: Bool { disagreeing > 0 || shares.contains { $0.close > 0 } }

    /// Results that are missing and not named.
    public var missing: Int { shares.reduce(0) { $0 + $1.missing } }

    /// Counts results that are missing and not named.
    mutating func add(missing: [ShardFailure]) {
        var places = Dictionary(
            shares.enumerated().map { (NodeMethod($1.node, $1.method), $0) }, uniquingKeysWith: { first, _ in first })
        for failure in missing {
            let name = NodeMethod(failure.node, failure.method)
            if places[name] == nil {
                places[name] = shares.count
                shares.append(Share(node: name.node, method: name.method))
            }
            if let place = places[name] { shares[place].missing += 1 }
        }
    }

    /// Batches of a run that were counted again, with what is missing in it as it was counted before; nil where neither is.
    init?(_ counted: CountedBatches?, missingAsIn earlier: CountedBatches?) {
        guard counted != nil || earlier?.missing ?? 0 > 0 else { return nil }
        self = counted ?? CountedBatches()
        for share in earlier?.shares ?? [] where share.missing > 0 {
            if let place = shares.firstIndex(where: { $0.node == share.node && $0.method == share.method }) {
                shares[place].missing = share.missing
            } else {
                var rest = Share(node: share.node, method: share.method)
                rest.missing = share.missing
                shares.append(rest)
            }
        }
    }
}
