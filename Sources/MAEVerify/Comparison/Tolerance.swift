/// How far two values of different numeric classes may lie apart: `|a - b| <= atol + rtol * |b|`, the larger value as b.
///
/// Taking the larger magnitude keeps the test symmetric: nobody is the reference.
public struct Tolerance: Sendable, Codable, Hashable {
    /// Absolute part.
    public var atol: Float
    /// Part that grows with the value.
    public var rtol: Float

    /// A tolerance; the defaults hold for layernorm outputs against PyTorch fp32 with room to spare.
    public init(atol: Float = 2e-5, rtol: Float = 1e-5) {
        self.atol = atol
        self.rtol = rtol
    }

    /// Whether `left` and `right` are close enough; a NaN is close to nothing, an infinity only to itself.
    public func accepts(_ left: Float, _ right: Float) -> Bool {
        if left == right { return true }
        guard left.isFinite, right.isFinite else { return false }
        return abs(left - right) <= atol + rtol * max(abs(left), abs(right))
    }
}
