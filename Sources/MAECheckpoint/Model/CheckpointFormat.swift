import MAETensor

/// Facts about how a checkpoint is stored.
public struct CheckpointFormat: Sendable {
    /// The kinds of container that weights come in.
    public enum Container: String, Sendable, Hashable {
        /// A zip archive of `torch.save`, PyTorch 1.6 and later.
        case torchArchive = "torch-archive"
        /// Pickles and storages one after another: `torch.save` before PyTorch 1.6.
        case torchLegacy = "torch-legacy"
        /// A safetensors file.
        case safetensors
    }

    /// The container of the weights.
    public var container: Container
    /// Number of files the weights are spread over.
    public var shardCount = 1
    /// How the parameters are named; nil when the file mixes dialects.
    public var dialect: ParameterDialect?
    /// What a wrapper put in front of every name, such as `model.`; often empty.
    public var prefix = ""
    /// Number of parameters stored in each type.
    public var dtypes: [DType: Int] = [:]
    /// Class of the outermost pickled object, such as `__main__.TransformerModel`; nil without one.
    public var pickledClass: String?
    /// The version of transformers that wrote the configuration, when it says so.
    public var transformersVersion: String?
    /// The version of Lightning that wrote the file, when it says so.
    public var lightningVersion: String?
}
