/// The images of a person's own that a run computes on, instead of drawn ones.
///
/// What the files held when the run began is among ``RunPlan/checkpoints``, under the role ``CheckpointFiles/Role/images``.
public struct PlannedImages: Sendable, Hashable {
    /// How pictures become what a model takes.
    public struct Preparation: Sendable, Hashable {
        /// What is done, in the language of `preprocessor_config.json`.
        public var settings: String
        /// The pictures and what is done, in words.
        public var words: String

        /// Names a way to prepare pictures.
        public init(settings: String, words: String) {
            self.settings = settings
            self.words = words
        }
    }

    /// The file, or the folder of files.
    public var path: String
    /// Number of images in all files.
    public var count: Int
    /// How the pictures at ``path`` were prepared; nil where it has tensors, which nodes compute on as they are.
    public var preparation: Preparation?

    /// Names images.
    public init(path: String, count: Int, preparation: Preparation? = nil) {
        self.path = path
        self.count = count
        self.preparation = preparation
    }

    /// What the files that nodes compute on are called: those at ``path``, or those that were made of them, which are at no path.
    public var preparedPath: String { preparation == nil ? path : "\(path) (preprocessed)" }

    /// How many batches of `size` they make; the last may be smaller.
    public func batches(of size: Int) -> Int { (count + size - 1) / size }

    /// The images of batch `index`, counted through all files.
    public func range(ofBatch index: Int, size: Int) -> Range<Int> {
        min(index * size, count)..<min((index + 1) * size, count)
    }
}
