import MAEDomain
import MAETensor

/// Everything a computed shard says about itself.
public struct Completed: Sendable, Equatable {
    /// The decoder's outcome.
    public struct Decoded: Sendable, Equatable {
        /// Digest of the reconstruction.
        public var logits: SHA256Digest
        /// The loss; NaN when no patch was removed.
        public var loss: Double

        /// The outcome of decoding.
        public init(logits: SHA256Digest, loss: Double) {
            self.logits = logits
            self.loss = loss
        }

        /// Two outcomes with the same bits; NaN equals NaN.
        public static func == (left: Decoded, right: Decoded) -> Bool {
            left.logits == right.logits && left.loss.bitPattern == right.loss.bitPattern
        }
    }

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
    /// Digest after each layer, in order; empty unless the job wanted it.
    public var layers: [LayerDigest] = []
    /// Where the time went.
    public var seconds: StageSeconds
    /// The most memory that the process has held.
    public var peakMemoryBytes: UInt64
    /// Mean over the tokens, (batch, hidden).
    public var pooled: TensorPayload
    /// Layernorm output in canonical token order, (batch, tokens, hidden); nil unless the job wanted it.
    public var layernorm: TensorPayload?
    /// Tokens of the layernorm output.
    public var tokens: Int
    /// Width of a token.
    public var hidden: Int
    /// The decoder's outcome, when the job wanted it.
    public var decoded: Decoded?

    /// A result without what only some jobs want.
    public init(
        weights: WeightsObservation, digests: StageDigests, configuration: [ConfigurationField], maskRatio: MaskRatio,
        seconds: StageSeconds, peakMemoryBytes: UInt64, pooled: TensorPayload, tokens: Int, hidden: Int
    ) {
        self.weights = weights
        self.digests = digests
        self.configuration = configuration
        self.maskRatio = maskRatio
        self.seconds = seconds
        self.peakMemoryBytes = peakMemoryBytes
        self.pooled = pooled
        self.tokens = tokens
        self.hidden = hidden
    }
}
