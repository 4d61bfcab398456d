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
        /// One is the mean over the tokens, and the other the CLS token or the tokens themselves.
        case reductions
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
    /// Why they differ.
    public let cause: Cause

    /// Whether what differs is more than rounding and order.
    public var isReal: Bool {
        switch cause {
        case .none, .order, .rounding: false
        case .masks, .maskRatios, .precision, .models, .reductions, .notFinite, .unknown: true
        }
    }

    /// Sets two outputs against each other; the identities are nil for those that were not recognized.
    init(
        _ left: (index: Int, output: RecordedOutput, identity: RecognizedOutput?),
        _ right: (index: Int, output: RecordedOutput, identity: RecognizedOutput?), _ predictor: OutputPredictor?
    ) throws {
        (self.left, self.right) = (left.index, right.index)
        guard left.output.values.isFinite, right.output.values.isFinite else {
            (difference, inOneOrder, cause) = (nil, nil, .notFinite)
            return
        }
        difference = DifferenceMetrics(of: .layernorm, left.output.values, right.output.values, rtol: 0)?.maximum
        guard let mine = left.identity, let theirs = right.identity else {
            inOneOrder = nil
            cause = difference == 0 ? .none : .unknown
            return
        }
        if mine.reduction == .none, theirs.reduction == .none, mine.kept == theirs.kept, mine.group == theirs.group,
            mine.draw != theirs.draw, let predictor
        {
            inOneOrder = try Self.inOneOrder(left.output, mine, right.output, theirs, predictor)
        } else {
            inOneOrder = nil
        }
        cause = Self.cause(mine, theirs, difference, inOneOrder)
    }

    private static func cause(
        _ mine: RecognizedOutput, _ theirs: RecognizedOutput, _ difference: Double?, _ inOneOrder: Double?
    ) -> Cause {
        if difference == 0 { return .none }
        if mine.reduction != theirs.reduction { return .reductions }
        if mine.kept != theirs.kept { return .maskRatios }
        if mine.group != theirs.group { return .models }
        func rounding(_ cause: Cause, _ size: Double?) -> Cause {
            size.map { $0 <= OutputRecognition.roundingLimit } ?? false ? cause : .precision
        }
        if mine.draw == theirs.draw { return rounding(.rounding, difference) }
        guard mine.keepsAll else { return .masks }
        return mine.reduction == .none ? rounding(.order, inOneOrder) : rounding(.rounding, difference)
    }

    /// Puts the tokens of both by ascending patch; nil when they kept different ones.
    private static func inOneOrder(
        _ one: RecordedOutput, _ mine: RecognizedOutput, _ other: RecordedOutput, _ theirs: RecognizedOutput,
        _ predictor: OutputPredictor
    ) throws -> Double? {
        guard one.images == other.images, let draw = mine.draw, let otherDraw = theirs.draw else { return nil }
        let images = one.images
        let selections = try [draw, otherDraw].map {
            try predictor.selection(group: mine.group, images: images, draw: $0, kept: mine.kept)
        }
        guard selections[0].ascending == selections[1].ascending else { return nil }
        return DifferenceMetrics(
            of: .layernorm, selections[0].inComputedOrder(one.values), selections[1].inComputedOrder(other.values),
            rtol: 0)?.maximum
    }
}
