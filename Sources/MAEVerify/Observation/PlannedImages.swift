/// The images of a person's own that a run computes on, instead of drawn ones.
///
/// What the files held when the run began is among ``RunPlan/checkpoints``, under the role ``CheckpointFiles/Role/images``.
public struct PlannedImages: Sendable, Hashable {
    /// The `.npy` file, or the folder of them.
    public var path: String
    /// Number of images in all files.
    public var count: Int

    /// Names images.
    public init(path: String, count: Int) {
        self.path = path
        self.count = count
    }

    /// How many batches of `size` they make; the last may be smaller.
    public func batches(of size: Int) -> Int { (count + size - 1) / size }

    /// The images of batch `index`, counted through all files.
    public func range(ofBatch index: Int, size: Int) -> Range<Int> {
        min(index * size, count)..<min((index + 1) * size, count)
    }
}
