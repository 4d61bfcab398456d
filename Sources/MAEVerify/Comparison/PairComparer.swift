import MAEDomain
import MAETensor

/// Compares observations two by two, and remembers what it worked out for contents it has met before.
///
/// Hundreds of cells usually hold few different weights and outputs, so the costly parts run once for each pair of contents.
struct PairComparer {
    private struct ContentPair: Hashable {
        var left: SHA256Digest
        var right: SHA256Digest
    }

    let tolerance: Tolerance
    private var weights: [ContentPair: WeightsDifference?] = [:]
    private var pooled: [ContentPair: DifferenceMetrics?] = [:]
    private var layernorms: [ContentPair: DifferenceMetrics?] = [:]
    private var finite: [SHA256Digest: Bool] = [:]

    init(tolerance: Tolerance) { self.tolerance = tolerance }

    /// Compares two observations; the indices are taken over into the result.
    mutating func compare(_ left: Observation, _ right: Observation, at indices: (Int, Int)) -> PairComparison {
        let differing = differingStages(left, right)
        let metrics = self.metrics(left, right, differing)
        // Only a canonical class promises that the order of the tokens does not matter.
        let bitwise = promisesBits(left, right) && (!differing.has(.order) || left.node.isCanonical)
        let finite = isFinite(left) && isFinite(right)
        var relation = Self.relation(differing, sameClass: promisesBits(left, right))
        if relation == .differs(at: .layernorm) || relation == .differs(at: .pooled), !bitwise, finite,
            metrics?.passes(tolerance) == true
        {
            relation = .withinTolerance
        }
        // A NaN agrees with nothing, itself included: equal digests of NaNs are no evidence.
        if relation == .identical, !finite { relation = .differs(at: .layernorm) }
        return PairComparison(
            left: indices.0, right: indices.1, relation: relation,
            differing: finite ? differing : differing.union(StageSet([.layernorm])), bitwise: bitwise,
            reordered: differing.has(.order) && !differing.has(.mask), metrics: metrics)
    }

    /// How the parameters differ by name; nil when they are equal, or the fingerprints of one are missing.
    mutating func weightsDifference(_ left: Observation, _ right: Observation) -> WeightsDifference? {
        guard left.weights.digest != right.weights.digest else { return nil }
        let key = ContentPair(left: left.weights.digest, right: right.weights.digest)
        if let known = weights[key] { return known }
        let difference = WeightsDifference(left.weights, right.weights)
        weights[key] = difference
        return difference
    }

    /// Forgets what was worked out for outputs, which are others in the next batch; and for weights when there are too many.
    mutating func forgetOutputs() {
        (pooled, layernorms, finite) = ([:], [:], [:])
        if weights.count > Self.mostWeights { weights = [:] }
    }

    /// Pairs of weights that are remembered from batch to batch.
    private static let mostWeights = 1024

    private mutating func differingStages(_ left: Observation, _ right: Observation) -> StageSet {
        var stages: [Stage] = []
        let (mine, theirs) = (left.digests, right.digests)
        if mine.input != theirs.input { stages.append(.input) }
        if mine.noise != theirs.noise { stages.append(.noise) }
        if mine.mask != theirs.mask { stages.append(.mask) }
        if mine.order != theirs.order { stages.append(.order) }
        if mine.layernorm != theirs.layernorm { stages.append(.layernorm) }
        if mine.pooled != theirs.pooled { stages.append(.pooled) }
        // Classes differ by rounding from the first layer on: that is no news.
        if promisesBits(left, right), let layers = left.layers, let others = right.layers, layers != others {
            stages.append(.layers)
        }
        if weightsDiffer(left, right) { stages.append(.weights) }
        let fields = EncoderConfiguration.differences(left.configuration, right.configuration, affectingOutput: true)
        if left.maskRatio.value != right.maskRatio.value || !fields.isEmpty { stages.append(.configuration) }
        return StageSet(stages)
    }

    /// Whether the parameters differ in a way that counts.
    ///
    /// A parameter that only one side has (a file without the decoder, say) counts when the outputs differ too, by more than classes
    /// may.
    private mutating func weightsDiffer(_ left: Observation, _ right: Observation) -> Bool {
        guard left.weights.digest != right.weights.digest else { return false }
        guard let difference = weightsDifference(left, right), difference.changed.isEmpty else { return true }
        guard left.digests.layernorm != right.digests.layernorm else { return false }
        let outputs = metrics(left, right, StageSet([.layernorm]))
        return promisesBits(left, right) || outputs?.passes(tolerance) != true
    }

    /// Whether two nodes are of one class, and that class promises bits.
    private func promisesBits(_ left: Observation, _ right: Observation) -> Bool {
        left.node.numericClass == right.node.numericClass && left.node.promisesBits
    }

    private static func relation(_ differing: StageSet, sameClass: Bool) -> PairComparison.Relation {
        if differing.has(.weights) { return .differs(at: .weights) }
        if differing.has(.input) { return .differs(at: differing.has(.configuration) ? .configuration : .input) }
        if differing.has(.mask) {
            let cause: Stage = differing.has(.configuration) ? .configuration : differing.has(.noise) ? .noise : .mask
            return .differs(at: cause)
        }
        if differing.has(.layernorm) {
            return .differs(at: differing.has(.configuration) ? .configuration : .layernorm)
        }
        if differing.has(.pooled) { return .differs(at: .pooled) }
        // Foreign engines may order equal noise values either way; inside a class equal noise means one order.
        if differing.has(.order), !differing.has(.noise), sameClass { return .differs(at: .order) }
        return .identical
    }

    private mutating func metrics(
        _ left: Observation, _ right: Observation, _ differing: StageSet
    ) -> DifferenceMetrics? {
        guard differing.has(.layernorm) || differing.has(.pooled) else { return nil }
        // Token by token only makes sense when both sides kept the same patches.
        if !differing.has(.mask), differing.has(.layernorm), let mine = left.layernorm, let theirs = right.layernorm {
            let key = ContentPair(left: left.digests.layernorm, right: right.digests.layernorm)
            if let known = layernorms[key] { return known }
            let metrics = DifferenceMetrics(of: .layernorm, mine, theirs, rtol: tolerance.rtol)
            layernorms[key] = metrics
            return metrics
        }
        let key = ContentPair(left: left.digests.pooled, right: right.digests.pooled)
        if let known = pooled[key] { return known }
        let metrics = DifferenceMetrics(of: .pooled, left.pooled, right.pooled, rtol: tolerance.rtol)
        pooled[key] = metrics
        return metrics
    }

    private mutating func isFinite(_ observation: Observation) -> Bool {
        if let known = finite[observation.digests.pooled] { return known }
        let answer = observation.hasFiniteOutput
        finite[observation.digests.pooled] = answer
        return answer
    }
}

extension Observation {
    /// Whether no pooled value is NaN or infinite; a NaN in any token reaches the mean over the tokens.
    var hasFiniteOutput: Bool { pooled.withUnsafeElements { $0.allSatisfy(\.isFinite) } }
}
