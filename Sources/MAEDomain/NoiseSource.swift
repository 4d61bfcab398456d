/// Which draw of the generator decided the patch mask.
public struct NoiseSource: Sendable, Hashable {
    /// How the methods of a run come by their noise.
    public enum Policy: String, Sendable, CaseIterable {
        /// Every method uses the first draw after the input.
        case shared
        /// Each method takes the next draw, as forwards one after another in one PyTorch process do.
        case sequential
        /// The noise was read from a file.
        case file
    }

    /// How the methods of the run come by their noise.
    public var policy: Policy
    /// 0 for the first draw after the input, 1 for the next, and so on.
    public var draw: Int

    /// Names a draw.
    public init(policy: Policy, draw: Int = 0) {
        self.policy = policy
        self.draw = draw
    }
}
