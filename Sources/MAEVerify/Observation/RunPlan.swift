import MAEDomain
import MAEFiles

/// What a run set out to do: the settings that its observations are judged against.
public struct RunPlan: Sendable, Equatable {
    /// Name of the run in the store.
    public var run: String
    /// Seed of batch 0; batch `i` uses `seed + i`.
    public var seed: UInt64
    /// Number of batches, those of ``rotating`` included.
    public var batches: Int
    /// The last of ``batches``, where they are drawn from a seed of this run; nil where every run has the same ones.
    public private(set) var rotating: RotatingBatches?
    /// Images in a batch; the last of ``images`` may make a smaller one.
    public var batchSize: Int
    /// The images that batches are made of; nil where they are drawn from the seed.
    public var images: PlannedImages?
    /// Seed of the batch that is drawn for this run alone, to which no answer can be known before it begins; nil where there is none.
    ///
    /// The batch has one image, and its index comes after those of ``batches``. What nodes answer to it is in no pair: it is set
    /// against what this machine computes (``RefereeReport``).
    public var freshSeed: UInt64?
    /// How the methods come by their mask noise.
    public var noise: NoiseSource.Policy
    /// The `.npy` file that the noise is in, where the policy says so; nil in runs of older versions too.
    public var noiseFile: String?
    /// The mask ratio given on the command line; nil leaves it to each checkpoint.
    public var maskRatio: Double?
    /// How far outputs of different numeric classes may lie apart.
    public var tolerance: Tolerance
    /// The loading methods, in the order given.
    public var methods: [LoadingMethod]
    /// Nodes that were asked for.
    public var workers: Int
    /// How many nodes run each batch; nil when all do.
    public var replicas: Int?
    /// What lay at the paths of the methods when the run began; nil in runs of older versions, and without an entry for a
    /// path that the coordinator's machine does not have.
    public var checkpoints: [CheckpointFiles]?

    /// Index of the batch that is drawn for this run alone; nil where there is none.
    public var freshBatch: Int? { freshSeed == nil ? nil : batches }

    /// Whether a batch is the one that is drawn for this run alone.
    public func isFresh(_ batch: Int) -> Bool { batch == freshBatch }

    /// A seed that no node can foresee; it has 53 bits, which every reader of JSON takes as they are.
    public static func drawFreshSeed() -> UInt64 { .random(in: 0..<1 << 53) }

    /// How many batches are the same in every run of these settings: the first of ``batches``.
    public var pinnedBatches: Int { batches - (rotating?.count ?? 0) }

    /// Whether a batch is the same in every run of these settings: images and noise that were given are for such batches alone.
    public func isPinned(_ batch: Int) -> Bool { batch >= 0 && batch < pinnedBatches }

    /// Adds batches that are drawn for this run, behind those that are the same in every run.
    public mutating func add(_ batches: RotatingBatches) {
        self.batches = pinnedBatches + batches.count
        rotating = batches
    }

    /// What identifies batch `index`.
    public func batch(_ index: Int) -> BatchIdentity {
        if let freshSeed, isFresh(index) { return BatchIdentity(index: index, seed: freshSeed, size: 1) }
        if let rotating, index >= pinnedBatches {
            let seed = rotating.seed &+ UInt64(index - pinnedBatches)
            return BatchIdentity(index: index, seed: seed, size: batchSize)
        }
        return BatchIdentity(index: index, seed: seed &+ UInt64(index), size: size(ofBatch: index))
    }

    /// Number of images in batch `index`.
    public func size(ofBatch index: Int) -> Int {
        guard let images, isPinned(index) else { return batchSize }
        return images.range(ofBatch: index, size: batchSize).count
    }

    /// How the methods come by the noise of batch `index`: noise from a file is that of the batches that every run has.
    public func noise(ofBatch index: Int) -> NoiseSource.Policy {
        noise == .file && !isPinned(index) ? .shared : noise
    }

    /// Which draw of the noise the method at `index` takes: under the sequential policy the next one each, as in a PyTorch process that
    /// runs the methods one after the other.
    public func draw(ofMethod index: Int) -> Int { noise == .sequential ? index : 0 }

    /// The images that nodes compute on, as they were when the run began; nil where there are none.
    public var imageFiles: CheckpointFiles? { images.flatMap { files(.images, at: $0.preparedPath) } }

    /// The files that the images were made of, as they were when the run began; nil where nodes compute on what was given.
    public var pictureFiles: CheckpointFiles? { images.flatMap { files(.pictures, at: $0.path) } }

    /// What lay at `path` when the run began; nil when that is not known.
    public func files(_ role: CheckpointFiles.Role, at path: String) -> CheckpointFiles? {
        checkpoints?.first { $0.role == role && $0.path == path }
    }

    /// When the newest file of the checkpoint at `path` was written, in seconds since 1970; nil when that is not known.
    public func modified(_ path: String) -> Double? {
        files(.checkpoint, at: path)?.files.compactMap(\.modified).max()
    }

    /// Paths of methods and of their configurations at which nothing lay when the run began, as far as is known.
    public var pathsWithoutFiles: Set<String> {
        let paths = methods.flatMap { [$0.path] + ($0.configPath.map { [$0] } ?? []) }
        return Set(paths).subtracting(checkpoints?.map(\.path) ?? [])
    }

    /// Describes a run.
    public init(
        run: String, seed: UInt64, batches: Int, batchSize: Int, noise: NoiseSource.Policy = .shared,
        maskRatio: Double? = nil, tolerance: Tolerance = Tolerance(), methods: [LoadingMethod], workers: Int,
        replicas: Int? = nil, images: PlannedImages? = nil, noiseFile: String? = nil
    ) {
        self.run = run
        self.seed = seed
        self.batches = batches
        self.batchSize = batchSize
        self.noise = noise
        self.maskRatio = maskRatio
        self.tolerance = tolerance
        self.methods = methods
        self.workers = workers
        self.replicas = replicas
        self.images = images
        self.noiseFile = noiseFile
    }
}
