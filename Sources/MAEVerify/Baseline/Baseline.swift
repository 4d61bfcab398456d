import MAEDomain
import MAETensor

/// What a run gave, kept outside of any store for later runs to be set against: the bits that a person looked at and took for right.
public struct Baseline: Sendable, Equatable {
    /// The run that it was made of.
    public var run: String
    /// When that run began, in ISO 8601; nil when not known.
    public var startedAt: String?
    /// What makes its batches.
    public var settings: Settings
    /// The loading methods, in the order of that run.
    public var methods: [Method]
    /// The nodes that gave the results, by name.
    public var machines: [Machine]
    /// What was given, by batch and then in the order of ``methods``.
    public var results: [Result]

    /// What makes the batches of a run.
    public struct Settings: Sendable, Hashable {
        /// Seed of batch 0.
        public var seed: UInt64
        /// Number of pinned batches.
        public var batches: Int
        /// Images in a batch.
        public var batchSize: Int
        /// How the methods come by their noise.
        public var noise: NoiseSource.Policy
        /// The mask ratio of the run; nil leaves it to each checkpoint.
        public var maskRatio: Double?
        /// Number of images of a person's own; nil where they are drawn.
        public var images: Int?

        /// Collects settings.
        public init(
            seed: UInt64, batches: Int, batchSize: Int, noise: NoiseSource.Policy, maskRatio: Double?, images: Int?
        ) {
            (self.seed, self.batches, self.batchSize) = (seed, batches, batchSize)
            (self.noise, self.maskRatio, self.images) = (noise, maskRatio, images)
        }
    }

    /// A way of loading, with the files that it loaded.
    public struct Method: Sendable, Hashable {
        /// Its label.
        public var label: String
        /// What kind it is.
        public var kind: LoadingMethod.Kind
        /// Where the checkpoint was.
        public var path: String
        /// Digest of the checkpoint's files; nil where the coordinator's machine had none.
        public var files: SHA256Digest?

        /// Describes a method.
        public init(label: String, kind: LoadingMethod.Kind, path: String, files: SHA256Digest?) {
            (self.label, self.kind, self.path, self.files) = (label, kind, path, files)
        }
    }

    /// A node, as far as it may matter to its bits.
    public struct Machine: Sendable, Hashable {
        /// Its name.
        public var node: String
        /// What it computes on, and by which build in which class.
        public var backend, device, instructionSet, numericClass, build: String

        /// Describes a node.
        public init(
            node: String, backend: String, device: String, instructionSet: String, numericClass: String, build: String
        ) {
            (self.node, self.backend, self.device) = (node, backend, device)
            (self.instructionSet, self.numericClass, self.build) = (instructionSet, numericClass, build)
        }
    }

    /// What one method gave for one batch, on every node alike.
    public struct Result: Sendable, Hashable {
        /// The batch.
        public var batch: BatchIdentity
        /// Label of the method.
        public var method: String
        /// The fraction of patches that was removed.
        public var maskRatio: Double
        /// Digests of the parameters, the images, the noise and the patches that were kept.
        public var weights, input, noise, mask: SHA256Digest
        /// Digest of the layer norm output in canonical token order, by numeric class.
        public var outputs: [String: SHA256Digest]

        /// Describes a result.
        public init(
            batch: BatchIdentity, method: String, maskRatio: Double, weights: SHA256Digest, input: SHA256Digest,
            noise: SHA256Digest, mask: SHA256Digest, outputs: [String: SHA256Digest]
        ) {
            (self.batch, self.method, self.maskRatio) = (batch, method, maskRatio)
            (self.weights, self.input, self.noise, self.mask) = (weights, input, noise, mask)
            self.outputs = outputs
        }
    }

    /// Collects a baseline.
    public init(
        run: String, startedAt: String?, settings: Settings, methods: [Method], machines: [Machine], results: [Result]
    ) {
        (self.run, self.startedAt, self.settings) = (run, startedAt, settings)
        (self.methods, self.machines, self.results) = (methods, machines, results)
    }
}
