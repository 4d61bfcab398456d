/// Which input batch was fed in; batch `i` of a run with seed `s` is drawn after `torch.manual_seed(s + i)`.
public struct BatchIdentity: Sendable, Hashable {
    /// Index of the batch in its run.
    public var index: Int
    /// Seed that the generator was set to for this batch.
    public var seed: UInt64
    /// Number of images.
    public var size: Int

    /// Names a batch.
    public init(index: Int, seed: UInt64, size: Int) {
        self.index = index
        self.seed = seed
        self.size = size
    }
}
