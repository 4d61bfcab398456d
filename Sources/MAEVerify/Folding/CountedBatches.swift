/// The batches of a long run that are only counted, since batches that are judged whole show the same.
///
/// Each was compared as all others are: inside each batch every result with every other.
public struct CountedBatches: Sendable, Hashable {
    /// What one node gave by one method, in the batches that are only counted.
    public struct Share: Sendable, Hashable {
        /// The node.
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

        /// A share without results.
        public init(node: String, method: String) { (self.node, self.method) = (node, method) }
    }

    /// Results of one node and method that are missing for one kind of reason, and are not named.
    public struct Missing: Sendable, Hashable {
        /// The node; empty for places that no node ever took.
        public var node: String
        /// Label of the loading method.
        public var method: String
        /// Code of the failure.
        public var code: String
        /// How many.
        public var count: Int

        /// So many missing results.
        public init(node: String, method: String, code: String, count: Int) {
            (self.node, self.method, self.code, self.count) = (node, method, code, count)
        }
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
    /// Pairs that are within the tolerance, with other bits.
    public var closePairs = 0
    /// The same by node and method.
    public var shares: [Share] = []
    /// Results that are missing and not named.
    public var missing: [Missing] = []
    /// How quick the nodes were in the whole run, by name.
    public var paces: [NodePace] = []
    /// For each node those it shared a counted batch with; empty where every node runs every batch.
    public var neighbors: [String: Set<String>] = [:]

    /// Nothing is only counted.
    public init() {}

    /// Whether another tolerance may judge some of the counted batches otherwise.
    public var dependsOnTolerance: Bool { disagreeing > 0 || shares.contains { $0.close > 0 } }

    /// How many results are missing and not named.
    public var missingResults: Int { missing.reduce(0) { $0 + $1.count } }
}
