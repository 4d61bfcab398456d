import MAETensor
import MAEVerify

/// How far PyTorch's outputs of two models would lie apart.
public enum PredictedDifference: Sendable, Hashable {
    /// The same computation on the same numbers.
    case equal
    /// The same computation with its sums in another order: about this much, as measured with this engine.
    case rounding(Double)
    /// Another computation, other weights or other patches: the largest difference between the means over the tokens.
    case differs(Double)
    /// Nothing can be compared: the outputs' lengths differ, or no mask is one for images in different numbers of patches.
    case incomparable
    /// One of the outputs holds NaN or infinity, which agrees with nothing.
    case notFinite

    /// Sets the pooled outputs of two different computations against each other.
    init(_ one: Tensor, _ other: Tensor) {
        guard one.isFinite, other.isFinite else {
            self = .notFinite
            return
        }
        guard let metrics = DifferenceMetrics(of: .pooled, one, other, rtol: 0) else {
            self = .incomparable
            return
        }
        self = metrics.maximum == 0 ? .equal : .differs(metrics.maximum)
    }
}

/// What PyTorch would show of two models that run one after the other.
public struct PredictedPair: Sendable {
    /// Index of the one in the models.
    public let left: Int
    /// Index of the other.
    public let right: Int
    /// With the mask drawn anew by each call and each model's own ratio: what the script shows.
    public let asTheyRun: PredictedDifference
    /// With one mask for all.
    public let sameMask: PredictedDifference
    /// With nothing masked: every ratio 0.
    public let unmasked: PredictedDifference
    /// What part weights and masks each have in ``asTheyRun``; nil where it is one of them alone.
    let shares: DifferenceShares?
}
