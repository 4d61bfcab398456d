import MAEModel
import MAETensor
import MAEVerify

/// Two outputs of the person's program, set against each other.
public struct OutputPair: Sendable {
    /// Why the two differ, as far as it is known what they are.
    public enum Cause: String, Sendable, Hashable {
        /// They do not differ.
        case none
        /// Every call drew a mask of its own.
        case masks
        /// They kept different numbers of patches.
        case maskRatios = "mask-ratios"
        /// The same tokens stand in another order.
        case order
        /// The same computation, with its sums in another order.
        case rounding
        /// The same draw of the same model, further apart than the order of sums leaves: fewer bits, or weights and settings
        /// that are almost the same.
        case precision
        /// They were computed with other weights or settings.
        case models
        /// They were made of the tokens in different ways.
        case reductions
        /// The one is made of the tokens of the other, which was saved whole.
        case reduced
        /// One of them holds NaN or infinity, which agrees with nothing.
        case notFinite = "not-finite"
        /// One of them was not recognized.
        case unknown
    }

    /// Index of the one output.
    public let left: Int
    /// Index of the other.
    public let right: Int
    /// The largest difference, element by element; nil when the shapes differ, or one is not finite.
    public let difference: Double?
    /// The largest difference when the tokens of both are put in one order; nil where that means nothing.
    public let inOneOrder: Double?
    /// The largest difference when tokens are made into vectors as those of the other were; nil unless the one was saved
    /// whole, and both are the same call.
    public let afterReducing: Double?
    /// Why they differ: the first of ``causes``.
    public var cause: Cause { causes[0] }
    /// Everything that makes them differ, never empty.
    public let causes: [Cause]
    /// What part weights and masks each have in the difference; nil where it is one of them alone.
    let shares: DifferenceShares?

    /// Whether what differs is more than rounding and order.
    public var isReal: Bool {
        causes.contains { cause in
            switch cause {
            case .none, .order, .rounding, .reduced: false
            case .masks, .maskRatios, .precision, .models, .reductions, .notFinite, .unknown: true
            }
        }
    }

    /// Sets two outputs against each other; the identities are nil for those that were not recognized.
    init(
        _ left: (index: Int, output: RecordedOutput, identity: RecognizedOutput?),
        _ right: (index: Int, output: RecordedOutput, identity: RecognizedOutput?), _ predictor: OutputPredictor?,
        _ rounding: RoundingLimit
    ) throws {
        (self.left, self.right) = (left.index, right.index)
        guard left.output.values.isFinite, right.output.values.isFinite else {
            (difference, inOneOrder, afterReducing, causes, shares) = (nil, nil, nil, [.notFinite], nil)
            return
        }
        difference = DifferenceMetrics(of: .layernorm, left.output.values, right.output.values, rtol: 0)?.maximum
        guard let mine = left.identity, let theirs = right.identity, let predictor else {
            (inOneOrder, afterReducing, shares) = (nil, nil, nil)
            causes = [difference == 0 ? .none : .unknown]
            return
        }
        inOneOrder =
            mine.hasOrder(unlike: theirs) ? Self.inOneOrder(left.output, mine, right.output, theirs, predictor) : nil
        afterReducing = Self.afterReducing(left.output, mine, right.output, theirs)
        let limits = [(left.output, mine), (right.output, theirs)].map { output, identity in
            rounding.limit(output.values, isMean: identity.reduction.isMean, tokens: identity.kept + 1)
        }
        causes = Self.causes(
            mine, theirs, (difference, inOneOrder, afterReducing), limit: limits.max() ?? 0)
        shares =
            causes.contains(.models) && (causes.contains(.masks) || causes.contains(.maskRatios))
            ? try DifferenceShares(mine, theirs, images: min(left.output.images, right.output.images), predictor) : nil
    }

    private static func causes(
        _ mine: RecognizedOutput, _ theirs: RecognizedOutput,
        _ sizes: (plain: Double?, inOneOrder: Double?, afterReducing: Double?), limit: Double
    ) -> [Cause] {
        func rounding(_ cause: Cause, _ size: Double?) -> [Cause] {
            [size.map { $0 <= limit } ?? false ? cause : .precision]
        }
        if sizes.plain == 0 { return [.none] }
        if sizes.afterReducing != nil { return rounding(.reduced, sizes.afterReducing) }
        if mine.reduction != theirs.reduction || mine.isNormalized != theirs.isNormalized { return [.reductions] }
        var causes: [Cause] = []
        // Of images in other patches, the counts differ at one ratio too.
        let isOneGrid = mine.patches == theirs.patches
        if isOneGrid ? mine.kept != theirs.kept : mine.maskRatio != theirs.maskRatio { causes.append(.maskRatios) }
        if Set(mine.groups).isDisjoint(with: theirs.groups) { causes.append(.models) }
        if isOneGrid, mine.kept == theirs.kept, mine.noise != theirs.noise, !mine.keepsAll { causes.append(.masks) }
        if causes == [.models], mine.hasOrder(unlike: theirs) { causes.append(.order) }
        if !causes.isEmpty { return causes }
        return mine.hasOrder(unlike: theirs)
            ? rounding(.order, sizes.inOneOrder) : rounding(.rounding, sizes.plain)
    }

    /// Makes vectors of the one that was saved whole as those of the other were made; nil when they are not one call.
    private static func afterReducing(
        _ one: RecordedOutput, _ mine: RecognizedOutput, _ other: RecordedOutput, _ theirs: RecognizedOutput
    ) -> Double? {
        guard (mine.reduction == .none) != (theirs.reduction == .none), mine.kept == theirs.kept,
            mine.patches == theirs.patches, mine.keepsAll || mine.noise == theirs.noise,
            !Set(mine.groups).isDisjoint(with: theirs.groups)
        else { return nil }
        return mine.reduction == .none
            ? OutputVectors.difference(other.values, theirs, from: one.values)
            : OutputVectors.difference(one.values, mine, from: other.values)
    }

    /// Puts the tokens of both by ascending patch; nil when they kept different ones.
    private static func inOneOrder(
        _ one: RecordedOutput, _ mine: RecognizedOutput, _ other: RecordedOutput, _ theirs: RecognizedOutput,
        _ predictor: OutputPredictor
    ) -> Double? {
        guard one.images == other.images else { return nil }
        let selections = [mine, theirs].map { identity in
            identity.noise.map {
                predictor.selection(group: identity.group, images: one.images, draw: $0, kept: identity.kept)
            }
        }
        // Those without a draw keep every patch, in order.
        if let first = selections[0], let second = selections[1], first.ascending != second.ascending { return nil }
        return DifferenceMetrics(
            of: .layernorm, selections[0]?.inComputedOrder(one.values) ?? one.values,
            selections[1]?.inComputedOrder(other.values) ?? other.values, rtol: 0)?.maximum
    }
}

extension RecognizedOutput {
    /// Whether both are the tokens of all patches, in orders of their own.
    fileprivate func hasOrder(unlike other: RecognizedOutput) -> Bool {
        reduction == .none && other.reduction == .none && kept == other.kept && patches == other.patches
            && noise != other.noise
    }
}
