/// How far two values of different numeric classes may lie apart: `|a - b| <= atol + rtol * max(|a|, |b|)`.
///
/// Taking the larger magnitude keeps the test symmetric: neither side is the reference.
public struct Tolerance: Sendable, Hashable {
    /// Absolute part.
    public var atol: Float
    /// Part that grows with the value.
    public var rtol: Float

    /// A tolerance; the defaults hold for layernorm outputs against PyTorch fp32 with room to spare.
    public init(atol: Float = 2e-5, rtol: Float = 1e-5) {
        self.atol = atol
        self.rtol = rtol
    }
}
