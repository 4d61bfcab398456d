import MAEVerify

extension JSONReport {
    /// The batches of a long run that are only counted.
    struct Counted: Encodable {
        struct Share: Encodable {
            var node, method: String
            var results, differing, withinTolerance: Int
        }

        struct Missing: Encodable {
            var node, method, code: String
            var count: Int
        }

        var batches, disagreeingBatches, results, pairs, disagreeingPairs: Int
        /// Results that are missing and not among the failures.
        var missing: [Missing]
        var shares: [Share]

        init(_ counted: CountedBatches) {
            (batches, disagreeingBatches, results) = (counted.batches, counted.disagreeing, counted.results)
            (pairs, disagreeingPairs) = (counted.pairs, counted.disagreeingPairs)
            missing = counted.missing.map {
                Missing(node: $0.node, method: $0.method, code: $0.code, count: $0.count)
            }
            shares = counted.shares.map {
                Share(
                    node: $0.node, method: $0.method, results: $0.results, differing: $0.differing,
                    withinTolerance: $0.close)
            }
        }
    }

    /// The places of nodes that never came: the first of them, and how many there are.
    struct MissingPlaces {
        private(set) var named: [Cell] = []
        private(set) var count = 0

        init(_ comparison: Comparison) {
            for node in comparison.circumstances.absent {
                let places = comparison.places(of: node.name, limit: FoldingLimits.mostMissing - named.count)
                named += places.first
                count += places.count
            }
        }
    }
}
