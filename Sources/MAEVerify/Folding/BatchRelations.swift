import MAEDomain

/// How the results of one batch relate to each other, where they are not all equal.
struct BatchRelations {
    /// What batches have in common that show the same: who computed them, and how every two results relate.
    struct Kind: Hashable {
        struct Pair: Hashable {
            let relation: PairComparison.Relation
            let differing: StageSet
            let bitwise, reordered: Bool
        }

        let contexts: [Int64]
        let pairs: [Pair]
    }

    /// How one result fares against what its batch is set against.
    enum Fare {
        case identical
        /// Within the tolerance, with this mean squared difference.
        case close(Double)
        case differs
    }

    /// The largest differences of outputs within the tolerance, and of others.
    struct Distances {
        private var close = 0.0, other = 0.0

        mutating func note(_ pair: PairComparison) {
            let distance = pair.metrics?.maximum ?? 0
            if pair.agrees { close = max(close, distance) } else { other = max(other, distance) }
        }

        mutating func take(_ more: Distances) {
            (close, other) = (max(close, more.close), max(other, more.other))
        }

        func isSurpassed(by more: Distances) -> Bool { more.close > close || more.other > other }
    }

    let kind: Kind
    let disagreeingPairs: Int
    /// Pairs that are within the tolerance, with other bits.
    let closePairs: Int
    let distances: Distances
    /// For each result of the batch.
    let fares: [Fare]

    var agrees: Bool { disagreeingPairs == 0 }

    /// Compares every two results of a batch.
    init(_ batch: [Observation], _ contexts: [Int64], _ plan: RunPlan, _ comparer: inout PairComparer) {
        defer { comparer.forgetOutputs() }
        let pairs = Comparison.places(of: batch).map { comparer.compare(batch[$0.left], batch[$0.right], at: $0) }
        kind = Kind(
            contexts: contexts,
            pairs: pairs.map {
                Kind.Pair(
                    relation: $0.relation, differing: $0.differing, bitwise: $0.bitwise, reordered: $0.reordered)
            })
        disagreeingPairs = pairs.count { !$0.agrees }
        closePairs = pairs.count { $0.relation == .withinTolerance }
        distances = pairs.reduce(into: Distances()) { $0.note($1) }
        let matrix = Matrix(Comparison(plan: plan, cells: batch, pairs: pairs))
        fares = batch.map { observation in
            let cell = observation.cell
            switch matrix[cell.node, cell.method, cell.batch]?.status {
            case .withinTolerance:
                let rms = matrix.difference(of: cell)?.rms ?? 0
                return .close(rms * rms)
            case .differs: return .differs
            case .identical, .reference, .failed, .missing, nil: return .identical
            }
        }
    }
}
