import MAEVerify

/// What is the same work in any night: its output has to be the same too.
struct Question: Hashable {
    /// Label of the method.
    let method: String
    let seed: UInt64
    let size: Int
    /// Where the images come from; nil where they are drawn from the seed.
    let images: String?
    /// Index of the batch among those images; 0 where they are drawn.
    let place: Int
    /// Which draw of the noise.
    let draw: Int

    /// Nil for the batch that a run draws for itself alone, and for a method that its plan lacks.
    init?(method: String, batch: Int, of plan: RunPlan) {
        guard !plan.isFresh(batch), let number = plan.methods.firstIndex(where: { $0.label == method }) else {
            return nil
        }
        let identity = plan.batch(batch)
        (self.method, size, draw) = (method, identity.size, plan.draw(ofMethod: number))
        images = plan.images?.path
        (seed, place) = images == nil ? (identity.seed, 0) : (0, batch)
    }

    /// The batch in words: `seed 42, 8 images`.
    var batchWords: String {
        (images.map { "\($0), batch \(place)" } ?? "seed \(Int64(bitPattern: seed))") + ", \(size) images"
            + (draw == 0 ? "" : ", draw \(draw)")
    }
}
