import MAEDomain
import MAETensor

/// Coordinator to worker: compute this shard.
public struct JobRequest: Sendable, Equatable {
    /// Where the noise comes from that the mask is made of.
    public enum Noise: Sendable, Equatable {
        /// The draw of `torch.rand` with this index after the batch: 0 is the first.
        case drawn(index: Int)
        /// These elements, (batch, patches).
        case given(TensorPayload)
    }

    /// Images of files: ``batchSize`` of them.
    public struct Images: Sendable, Equatable {
        /// The path of the file or folder on the coordinator's machine, and on the worker's if it has the files too.
        public var path: String
        /// Digest of the manifest of the files.
        public var files: SHA256Digest
        /// The first of the images, counted through all files by ascending name.
        public var first: Int

        /// Names images.
        public init(path: String, files: SHA256Digest, first: Int) {
            self.path = path
            self.files = files
            self.first = first
        }
    }

    /// The lease under which the result shall come.
    public var lease: Lease
    /// The run.
    public var run: String
    /// The shard within the run.
    public var shard: UInt64
    /// How the checkpoint is loaded.
    public var method: LoadingMethod.Kind
    /// What the user calls this way of loading.
    public var label: String
    /// The checkpoint's path on the coordinator's machine, and on the worker's if it has the files too.
    public var checkpoint: String
    /// Key of one of several models in the checkpoint's file; nil to let the content decide.
    public var weights: String?
    /// The path of the configuration, where the checkpoint has none of its own.
    public var configuration: String?
    /// Digest of the manifest of the files that the coordinator has at the checkpoint's path; nil when it has none there.
    public var checkpointFiles: SHA256Digest?
    /// The same of the configuration's path.
    public var configurationFiles: SHA256Digest?
    /// Which batch of the run this is.
    public var batchIndex: UInt64
    /// The seed given to `torch.manual_seed` before the batch is drawn.
    public var seed: UInt64
    /// Images in the batch.
    public var batchSize: Int
    /// The files that the pixels come from; nil to draw them from the seed.
    public var images: Images?
    /// The mask ratio to use instead of the configuration's.
    public var maskRatio: Double?
    /// Where the noise comes from.
    public var noise: Noise
    /// Whether the result shall carry the whole layernorm output.
    public var wantsLayernorm = false
    /// What the worker is to look at closely; nil for a pass alone.
    public var examination: Examination?
    /// Whether the result shall carry the digest of each weight.
    public var wantsFingerprints = false

    /// A job without wishes beyond the digests and the pooled vectors.
    public init(
        lease: Lease, run: String, shard: UInt64, method: LoadingMethod.Kind, label: String, checkpoint: String,
        configuration: String? = nil, batchIndex: UInt64, seed: UInt64, batchSize: Int, maskRatio: Double? = nil,
        noise: Noise = .drawn(index: 0)
    ) {
        self.lease = lease
        self.run = run
        self.shard = shard
        self.method = method
        self.label = label
        self.checkpoint = checkpoint
        self.configuration = configuration
        self.batchIndex = batchIndex
        self.seed = seed
        self.batchSize = batchSize
        self.maskRatio = maskRatio
        self.noise = noise
    }
}

/// Coordinator to worker: these results are not wanted any more.
public struct Cancel: Sendable, Equatable {
    /// The leases that end.
    public var leases: [Lease]

    /// Ends leases.
    public init(leases: [Lease]) { self.leases = leases }
}
