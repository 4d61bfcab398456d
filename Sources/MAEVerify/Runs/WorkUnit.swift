/// What is the same work in any run: its output has to be the same too.
public struct WorkUnit: Hashable, Sendable {
    /// Label of the method.
    public let method: String
    /// Seed of the images; 0 where they were given.
    public let seed: UInt64
    /// How many images the batch has.
    public let size: Int
    /// Where the images come from; nil where they are drawn from the seed.
    public let images: String?
    /// Index of the batch among those images; 0 where they are drawn.
    public let place: Int
    /// Which draw of the noise.
    public let draw: Int

    /// Nil for the batch that a run draws for its referee alone, and for a method that its plan lacks.
    public init?(method: String, batch: Int, of plan: RunPlan) {
        guard !plan.isFresh(batch), let number = plan.methods.firstIndex(where: { $0.label == method }) else {
            return nil
        }
        let identity = plan.batch(batch)
        (self.method, size, draw) = (method, identity.size, plan.draw(ofMethod: number))
        // Batches that are drawn for a run have no images of the folder.
        images = plan.isPinned(batch) ? plan.images?.path : nil
        (seed, place) = images == nil ? (identity.seed, 0) : (0, batch)
    }

    /// The batch in words: `seed 42, 8 images`.
    public var batchWords: String {
        (images.map { "\($0), batch \(place)" } ?? "seed \(Int64(bitPattern: seed))") + ", \(size) images"
            + (draw == 0 ? "" : ", draw \(draw)")
    }
}
