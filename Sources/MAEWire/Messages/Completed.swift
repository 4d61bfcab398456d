import MAEDomain
import MAETensor

/// Everything a computed shard says about itself.
public struct Completed: Sendable, Equatable {
    /// The weights, each one only when the job wanted them; the other models in the file, when there are any.
    public var weights: WeightsObservation
    /// Digests of what went in and came out.
    public var digests: StageDigests
    /// The configuration in effect.
    public var configuration: [ConfigurationField]
    /// The mask ratio in effect.
    public var maskRatio: MaskRatio
    /// What was noticed while loading.
    public var findings: [LoadFinding] = []
    /// Digests after the embeddings and each block; nil from workers that take none.
    public var layers: LayerDigests?
    /// What was found on looking closely; nil unless the job wanted it.
    public var examination: ExaminationAnswer?
    /// Where the time went.
    public var seconds: StageSeconds
    /// Mean over the tokens, (batch, hidden).
    public var pooled: TensorPayload
    /// Layernorm output in canonical token order, (batch, tokens, hidden); nil unless the job wanted it.
    public var layernorm: TensorPayload?
    /// Tokens of the layernorm output.
    public var tokens: Int
    /// Width of a token.
    public var hidden: Int

    /// A result without what only some jobs want.
    public init(
        weights: WeightsObservation, digests: StageDigests, configuration: [ConfigurationField], maskRatio: MaskRatio,
        seconds: StageSeconds, pooled: TensorPayload, tokens: Int, hidden: Int
    ) {
        self.weights = weights
        self.digests = digests
        self.configuration = configuration
        self.maskRatio = maskRatio
        self.seconds = seconds
        self.pooled = pooled
        self.tokens = tokens
        self.hidden = hidden
    }
}
