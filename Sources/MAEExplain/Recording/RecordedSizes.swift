import MAETensor
import MAEVerify

/// How far the final layer norms of two calls lie apart, as far as they were kept.
struct RecordedSizes {
    private(set) var plain: Double?
    private(set) var inOneOrder: Double?
    private(set) var pooled: Double?
    /// Whether that is rounding, in the bits in which both computed; nil where nothing tells.
    private(set) var isRounding: Bool?
    /// A difference beyond what the fewer bits of two calls are expected to leave, and what that is.
    private(set) var excess: (size: Double, limit: Double)?

    init(
        _ left: RecordedCall, _ right: RecordedCall, _ final: ValueRelation, _ rounding: RoundingLimit,
        _ precision: RecordedPrecision, isMaskShared: Bool
    ) throws {
        func distance(_ left: Tensor, _ right: Tensor, _ subject: DifferenceMetrics.Subject) -> Double? {
            DifferenceMetrics(of: subject, left, right, rtol: 0).map(\.maximum)
        }
        // Where both computed in half precision alike, its last bit is what rounding leaves.
        let isReduced = left.precision == right.precision && precision != .float32
        let tokens = (left.kept ?? 0) + 1
        func limit(_ tensor: Tensor, isMean: Bool) -> Double {
            isReduced
                ? tensor.roundingBound(precision.epsilon) : rounding.limit(tensor, isMean: isMean, tokens: tokens)
        }
        if let mine = try left.pooledTensor(), let theirs = try right.pooledTensor() {
            pooled = distance(mine, theirs, .pooled)
            if final == .differs || final == .permuted, let pooled, isMaskShared {
                isRounding = pooled <= limit(mine, isMean: true)
            }
        }
        // Of equal outputs only what follows them differs, and of that no size is known.
        guard final != .equal, let mine = try left.finalTensor(), let theirs = try right.finalTensor() else { return }
        plain = distance(mine, theirs, .layernorm)
        let orders = [left.call.masking?.idsRestore?.sha256, right.call.masking?.idsRestore?.sha256]
        var size = plain
        if orders[0] != orders[1] {
            size = nil
            if let one = left.inOneOrder(mine), let other = right.inOneOrder(theirs),
                left.selection?.ascending == right.selection?.ascending
            {
                inOneOrder = distance(one, other, .layernorm)
                size = inOneOrder
                isRounding = inOneOrder.map { $0 <= limit(mine, isMean: false) }
            }
        } else if let plain {
            isRounding = plain <= limit(mine, isMean: false)
        }
        let bound = max(mine.roundingBound(precision.epsilon), theirs.roundingBound(precision.epsilon))
        if let size, size > bound { excess = (size, bound) }
    }
}

extension Tensor {
    /// What the last bit of the largest value is worth, times √H: how the errors of a sum of H numbers grow.
    func roundingBound(_ epsilon: Double) -> Double {
        let largest = withUnsafeElements { $0.reduce(0) { Swift.max($0, Double($1.magnitude)) } }
        return largest * epsilon * Double(shape.last ?? 1).squareRoot()
    }
}
