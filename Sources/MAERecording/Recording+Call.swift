import MAETensor

extension Recording {
    /// One outermost call of a model.
    public struct Call: Sendable {
        /// Index of the model.
        public let model: Int
        /// Whether the model was in training mode.
        public let isTraining: Bool
        /// Whether gradients were recorded; nil when it is not told.
        public let hasGradients: Bool?
        /// Whether it ran in inference mode; nil when it is not told.
        public let isInference: Bool?
        /// The dtype of autocast by kind of device; empty without autocast.
        public let autocast: [String: String]
        /// Whether a weight was written to since its digest was taken.
        public let weightsChanged: Bool
        /// Random generators by device.
        public let generators: [String: Generator]
        /// What the embeddings of a ViT-MAE drew; nil for other models.
        public let masking: Masking?
        /// Calls of modules, in the order in which they began: the first is the model's own.
        public let modules: [ModuleCall]
        /// The mean of the encoder's final layer norm over its tokens; nil when it was not recorded.
        public let pooled: Value?
    }

    /// A random generator before and after a call.
    public struct Generator: Sendable, Hashable {
        /// SHA-256 of its state before; nil when it is not told.
        public let before: SHA256Digest?
        /// SHA-256 of its state after; nil when it is not told.
        public let after: SHA256Digest?
        /// What `initial_seed()` says; nil when it is not told.
        public let seed: UInt64?
    }

    /// What the embeddings of a ViT-MAE drew in a call.
    public struct Masking: Sendable {
        /// The noise.
        public let noise: Value?
        /// 0 where a patch is kept, 1 where it was removed.
        public let mask: Value?
        /// The order of the patches.
        public let idsRestore: Value?
        /// Whether the noise was an argument of the call; false when a generator drew it, nil when it is not told.
        public let isNoiseGiven: Bool?
        /// The ratio in effect.
        public let maskRatio: Double?
    }

    /// One call of a module.
    public struct ModuleCall: Sendable {
        /// Index of the module in the model's list.
        public let module: Int
        /// How many calls of this module came before, in the same outermost call.
        public let call: Int
        /// Index of the call that it was made in, always a smaller one; nil for the first.
        public let parent: Int?
        /// Tensors among its arguments.
        public let inputs: [Value]
        /// Tensors among what it returned.
        public let outputs: [Value]
        /// The exception that it threw; nil when it returned.
        public let error: String?
    }

    /// A tensor of PyTorch by what was told of it.
    public struct Value: Sendable, Hashable {
        /// The name of the argument or field, or its place.
        public var name: String
        /// Extent of each dimension.
        public let shape: [Int]
        /// Its dtype, as PyTorch names it.
        public let dtype: String
        /// Its device; nil when it is not told.
        public let device: String?
        /// SHA-256 of its canonical bytes; nil where no digest was taken.
        public let sha256: SHA256Digest?
        /// SHA-256 with the rows of each image sorted; nil where it was not taken.
        public let rowsSHA256: SHA256Digest?
        /// The largest finite magnitude; nil when it is not told.
        public let largest: Double?
        /// Elements that are NaN.
        public let nanCount: Int
        /// Elements that are infinite.
        public let infiniteCount: Int
        /// Name of the tensor in the file that holds it whole; nil where it was not kept.
        public let tensor: String?

        /// Elements that are NaN or infinite.
        public var nonFiniteCount: Int { nanCount + infiniteCount }
    }
}
