import MAEFormats
import MAETensor

extension Recording {
    /// A model whose calls were recorded, as it was when its first call began.
    public struct Model: Sendable {
        /// Module and name of its class.
        public let className: String
        /// Whether it was in training mode.
        public let isTraining: Bool
        /// Configuration objects of transformers in it.
        public let configurations: [Configuration]
        /// The implementation of attention in use; nil when it is not told.
        public let attention: String?
        /// Whether torch.compile wraps it or a part, whose modules are not seen then.
        public let isCompiled: Bool
        /// Every module, parents first.
        public let modules: [Module]
        /// Its state dict, in its order.
        public let weights: [Weight]
    }

    /// A configuration object of transformers.
    public struct Configuration: Sendable {
        /// Path of the module that holds it; empty for the model itself.
        public let path: String
        /// Its values.
        public let values: [JSONMember]
    }

    /// A module of a model.
    public struct Module: Sendable {
        /// Its path in the model; empty for the model itself.
        public let path: String
        /// Its class.
        public let className: String
        /// Whether it was in training mode.
        public let isTraining: Bool
        /// What it is in a ViT-MAE; nil for any other module.
        public let role: Role?
        /// Number of the block, counted from 0; nil for what is no block.
        public let index: Int?
        /// Its own simple attributes, such as `p` or `eps`.
        public let settings: [JSONMember]
    }

    /// What a module is in a ViT-MAE.
    public enum Role: String, Sendable, Hashable, CaseIterable {
        case encoder, embeddings
        case patchProjection = "patch-projection"
        case encoderBlock = "encoder-block"
        case encoderNorm = "encoder-norm"
        case decoder
        case decoderEmbedding = "decoder-embedding"
        case decoderBlock = "decoder-block"
        case decoderNorm = "decoder-norm"
        case decoderPrediction = "decoder-prediction"
    }

    /// A weight by its digest.
    public struct Weight: Sendable, Hashable {
        /// Its key in the state dict.
        public let name: String
        /// Extent of each dimension.
        public let shape: [Int]
        /// Its dtype, as PyTorch names it: `float32`.
        public let dtype: String
        /// SHA-256 of its canonical bytes, as `docs/formats.md` says; nil for what has none, such as quantized weights.
        public let sha256: SHA256Digest?
    }
}
