import MAEDomain
import MAETensor

/// What one node saw when it loaded the model by one method and ran one batch: the unit that everything is judged by.
///
/// Digests are SHA-256 as ``Tensor/digest()`` takes them.
public struct Observation: Sendable, Equatable {
    /// Who computed.
    public var node: NodeIdentity
    /// How the model was loaded.
    public var method: LoadingMethod
    /// What was fed in.
    public var batch: BatchIdentity
    /// 0 for the first run of this cell, 1 and up for re-runs of the same work.
    public var attempt: Int
    /// The parameters that were loaded.
    public var weights: WeightsObservation
    /// The configuration that was used.
    public var configuration: [ConfigurationField]
    /// The fraction of patches that was removed.
    public var maskRatio: MaskRatio
    /// What the checkpoint reader noticed.
    public var loadFindings: [LoadFinding]
    /// Which draw of the generator the mask came from.
    public var noise: NoiseSource
    /// Digests along the way from the pixels to the pooled vectors.
    public var digests: StageDigests
    /// Mean over the tokens of the encoder's layernorm output, shape (B, hidden).
    public var pooled: Tensor
    /// The whole layernorm output, shape (B, tokens, hidden), in canonical token order; nil when it was not asked for.
    public var layernorm: Tensor?
    /// Digests after the embeddings and each block; nil from workers that take none.
    public var layers: LayerDigests?
    /// What the node found on looking closely at one layer; nil when it was not asked to.
    public var examination: ExaminationAnswer?
    /// How long it took.
    public var seconds: StageSeconds

    /// Collects what one node saw.
    public init(
        node: NodeIdentity, method: LoadingMethod, batch: BatchIdentity, attempt: Int = 0, weights: WeightsObservation,
        configuration: [ConfigurationField] = [], maskRatio: MaskRatio, loadFindings: [LoadFinding] = [],
        noise: NoiseSource, digests: StageDigests, pooled: Tensor,
        layernorm: Tensor? = nil, layers: LayerDigests? = nil, examination: ExaminationAnswer? = nil,
        seconds: StageSeconds = StageSeconds()
    ) {
        self.node = node
        self.method = method
        self.batch = batch
        self.attempt = attempt
        self.weights = weights
        self.configuration = configuration
        self.maskRatio = maskRatio
        self.loadFindings = loadFindings
        self.noise = noise
        self.digests = digests
        self.pooled = pooled
        self.layernorm = layernorm
        self.layers = layers
        self.examination = examination
        self.seconds = seconds
    }

    /// The place of this observation in the matrix of a run.
    public var cell: Cell { Cell(node: node.name, method: method.label, batch: batch.index) }
}
