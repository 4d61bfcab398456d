/// What PyTorch would show of a model that a run masked alike everywhere: each forward call draws a mask of its own.
public struct SequentialDraws: Sendable, Hashable {
    /// Label of the loading method whose model was run.
    public var method: String
    /// Number of forward calls, one after the other.
    public var calls: Int
    /// Number of images in each.
    public var images: Int
    /// The largest difference between the pooled outputs of two calls; nil when it could not be computed.
    public var largest: Double?
    /// Why it could not be computed, in words that go on from a colon; nil where it was.
    public var obstacle: String?

    /// Describes what was computed.
    public init(method: String, calls: Int, images: Int, largest: Double?, obstacle: String? = nil) {
        self.method = method
        self.calls = calls
        self.images = images
        self.largest = largest
        self.obstacle = obstacle
    }
}
