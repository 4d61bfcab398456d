import MAEVerify

/// The batches of a long run that are only counted, in a document.
struct StoredCounts: Codable, Hashable {
    struct Share: Codable, Hashable {
        var node, method: String
        var results, differing, close: Int
        var squares: Double
    }

    struct Missing: Codable, Hashable {
        var node, method, code: String
        var count: Int
    }

    struct Pace: Codable, Hashable {
        var node: String
        var shards: Int
        var medianSeconds, share: Double
    }

    struct Neighbors: Codable, Hashable {
        var node: String
        var others: [String]
    }

    var batches, disagreeing, results, pairs, disagreeingPairs: Int
    /// Nil in documents of before, which counted them with those that are equal.
    var closePairs: Int?
    var shares: [Share]
    var missing: [Missing]
    var paces: [Pace]
    var neighbors: [Neighbors]

    init(_ counted: CountedBatches) {
        (batches, disagreeing, results) = (counted.batches, counted.disagreeing, counted.results)
        (pairs, disagreeingPairs) = (counted.pairs, counted.disagreeingPairs)
        closePairs = counted.closePairs
        shares = counted.shares.map {
            Share(
                node: $0.node, method: $0.method, results: $0.results, differing: $0.differing, close: $0.close,
                squares: $0.squares)
        }
        missing = counted.missing.map {
            Missing(node: $0.node, method: $0.method, code: $0.code, count: $0.count)
        }
        paces = counted.paces.map {
            Pace(node: $0.node, shards: $0.shards, medianSeconds: $0.medianSeconds, share: $0.share)
        }
        neighbors = counted.neighbors.sorted { $0.key < $1.key }.map {
            Neighbors(node: $0.key, others: $0.value.sorted())
        }
    }

    /// The counts as they were.
    var counted: CountedBatches {
        var counted = CountedBatches()
        (counted.batches, counted.disagreeing, counted.results) = (batches, disagreeing, results)
        (counted.pairs, counted.disagreeingPairs) = (pairs, disagreeingPairs)
        counted.closePairs = closePairs ?? 0
        counted.shares = shares.map { stored in
            var share = CountedBatches.Share(node: stored.node, method: stored.method)
            (share.results, share.differing, share.close) = (stored.results, stored.differing, stored.close)
            share.squares = stored.squares
            return share
        }
        counted.missing = missing.map {
            CountedBatches.Missing(node: $0.node, method: $0.method, code: $0.code, count: $0.count)
        }
        counted.paces = paces.map {
            NodePace(node: $0.node, shards: $0.shards, medianSeconds: $0.medianSeconds, share: $0.share)
        }
        counted.neighbors = Dictionary(neighbors.map { ($0.node, Set($0.others)) }) { first, _ in first }
        return counted
    }
}
