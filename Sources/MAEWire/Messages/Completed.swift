import MAETensor

/// Everything a computed shard says about itself.
public struct Completed: Sendable, Equatable {
    /// One weight of the model as it was bound.
    public struct ManifestEntry: Sendable, Equatable {
        /// The weight's canonical name.
        public var name: String
        /// Its shape.
        public var shape: [Int]
        /// Digest of its elements.
        public var digest: SHA256Digest

        /// Describes one weight.
        public init(name: String, shape: [Int], digest: SHA256Digest) {
            self.name = name
            self.shape = shape
            self.digest = digest
        }
    }

    /// Where a value of the configuration came from.
    public enum Origin: UInt32, Sendable, CaseIterable {
        /// A flag of the command line.
        case flag = 1
        /// The `config.json` of a hub directory.
        case configJSON = 2
        /// The configuration object inside a pickled model.
        case pickledConfig = 3
        /// The file given with `--config`.
        case configOption = 4
        /// Read off the shapes of the weights.
        case inferred = 5
        /// Nothing said it.
        case defaultValue = 6
        /// The modules of a pickled model, whatever its configuration object says.
        case pickledModules = 7
        /// Settings in the same file as the weights.
        case stated = 8
        /// Nothing said it, and the weights suggest it.
        case guess = 9
    }

    /// One value of the configuration in effect.
    public struct ConfigurationField: Sendable, Equatable {
        /// The field's name in `config.json`.
        public var name: String
        /// The value as JSON text.
        public var value: String
        /// Where it came from.
        public var origin: Origin
        /// What a guess rests on; nil for other origins.
        public var reason: String?

        /// Describes one value.
        public init(name: String, value: String, origin: Origin, reason: String? = nil) {
            self.name = name
            self.value = value
            self.origin = origin
            self.reason = reason
        }
    }

    /// How much a finding matters.
    public enum Severity: UInt32, Sendable, CaseIterable {
        case note = 1
        case warning = 2
        case error = 3
    }

    /// Something noticed while loading.
    public struct Finding: Sendable, Equatable {
        /// The kind of finding, for programs.
        public var code: String
        /// How much it matters.
        public var severity: Severity
        /// The finding, for people.
        public var text: String

        /// A finding.
        public init(code: String, severity: Severity, text: String) {
            self.code = code
            self.severity = severity
            self.text = text
        }
    }

    /// Where the time went, in seconds.
    public struct Seconds: Sendable, Equatable {
        /// Reading and binding the checkpoint; 0 when it was loaded already.
        public var load: Double
        /// Drawing the batch and the noise.
        public var input: Double
        /// Computing.
        public var forward: Double

        /// Three times.
        public init(load: Double, input: Double, forward: Double) {
            self.load = load
            self.input = input
            self.forward = forward
        }
    }

    /// Digests of what went in and came out.
    public struct Digests: Sendable, Equatable {
        /// All weights with their names.
        public var weights: SHA256Digest
        /// The pixels.
        public var input: SHA256Digest
        /// The noise that the mask was made of.
        public var noise: SHA256Digest
        /// The mask: which patches were removed.
        public var mask: SHA256Digest
        /// `ids_restore`: the order that the tokens went in.
        public var order: SHA256Digest
        /// Layernorm output in canonical token order.
        public var layernorm: SHA256Digest
        /// Layernorm output in the order that PyTorch returns.
        public var returnedLayernorm: SHA256Digest
        /// Mean over the tokens.
        public var pooled: SHA256Digest

        /// The digests of one shard.
        public init(
            weights: SHA256Digest, input: SHA256Digest, noise: SHA256Digest, mask: SHA256Digest,
            order: SHA256Digest, layernorm: SHA256Digest, returnedLayernorm: SHA256Digest, pooled: SHA256Digest
        ) {
            self.weights = weights
            self.input = input
            self.noise = noise
            self.mask = mask
            self.order = order
            self.layernorm = layernorm
            self.returnedLayernorm = returnedLayernorm
            self.pooled = pooled
        }
    }

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

    /// Digests of what went in and came out.
    public var digests: Digests
    /// Each weight; empty unless the job wanted it.
    public var manifest: [ManifestEntry] = []
    /// The configuration in effect.
    public var configuration: [ConfigurationField]
    /// The mask ratio in effect.
    public var maskRatio: Double
    /// Where that mask ratio came from.
    public var maskRatioOrigin: Origin
    /// What was noticed while loading.
    public var findings: [Finding] = []
    /// The other models in the checkpoint's file, by key, with the digest of their weights.
    public var others: [NamedDigest] = []
    /// Digest after each layer, in order; empty unless the job wanted it.
    public var layers: [NamedDigest] = []
    /// Where the time went.
    public var seconds: Seconds
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
        digests: Digests, configuration: [ConfigurationField], maskRatio: Double, maskRatioOrigin: Origin,
        seconds: Seconds,
        peakMemoryBytes: UInt64, pooled: TensorPayload, tokens: Int, hidden: Int
    ) {
        self.digests = digests
        self.configuration = configuration
        self.maskRatio = maskRatio
        self.maskRatioOrigin = maskRatioOrigin
        self.seconds = seconds
        self.peakMemoryBytes = peakMemoryBytes
        self.pooled = pooled
        self.tokens = tokens
        self.hidden = hidden
    }
}
