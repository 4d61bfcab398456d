import MAEEngine
import MAETensor

/// What is to be explained, and how the models are run for it.
public struct ExplainRequest: Sendable {
    /// Checkpoints and outputs, in the order in which the person's program runs the models.
    public var files: [GivenFile]
    /// A `config.json`, or a directory with one, for models that carry no configuration.
    public var configuration: String?
    /// Seed that the person's program sets before it draws the images.
    public var seed: UInt64
    /// Images in the batch; nil for as many as the outputs have, or ``defaultBatchSize``.
    public var batchSize: Int?
    /// The images, (B, C, height, width); nil for `torch.randn` after the seed.
    public var pixels: Tensor?
    /// How many draws of noise are tried for each output.
    public var draws: Int
    /// What computes.
    public var engine: EngineOptions

    /// Images in a batch when nothing says how many: as in the thread.
    public static let defaultBatchSize = 8
    /// Most images in a batch.
    public static let mostImages = 1024
    /// Draws of noise that are tried when nothing says how many.
    public static let defaultDraws = 8

    /// A request for files, with the usual settings.
    public init(
        _ files: [GivenFile], configuration: String? = nil, seed: UInt64 = 42, batchSize: Int? = nil,
        pixels: Tensor? = nil, draws: Int = defaultDraws, engine: EngineOptions = EngineOptions()
    ) {
        self.files = files
        self.configuration = configuration
        self.seed = seed
        self.batchSize = batchSize
        self.pixels = pixels
        self.draws = draws
        self.engine = engine
    }
}
