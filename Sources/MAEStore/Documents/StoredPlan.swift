import MAEDomain
import MAEVerify

/// What a run set out to do, as a document; its name is a column of its own.
struct StoredPlan: StoredDocument, Hashable {
    static let version = 1

    struct Images: Codable, Hashable {
        var path: String
        var count: Int
        /// Both nil in runs on tensors.
        var preprocessing: String?
        var preprocessingWords: String?

        init(_ images: PlannedImages) {
            (path, count) = (images.path, images.count)
            (preprocessing, preprocessingWords) = (images.preparation?.settings, images.preparation?.words)
        }

        var plannedImages: PlannedImages {
            PlannedImages(
                path: path, count: count,
                preparation: preprocessing.map { .init(settings: $0, words: preprocessingWords ?? "") })
        }
    }

    struct Rotating: Codable, Hashable {
        var count: Int
        var seed: UInt64
    }

    var seed: UInt64
    /// Nil in runs that drew no batch of their own.
    var freshSeed: UInt64?
    /// All batches, those of `rotating` included.
    var batches: Int
    /// Nil in runs of which every batch is pinned.
    var rotating: Rotating?
    var batchSize: Int
    var images: Images?
    var noise: StoredWord<NoiseSource.Policy>
    var noiseFile: String?
    var maskRatio: Double?
    var atol: Float
    var rtol: Float
    var methods: [StoredMethod]
    var workers: Int
    var replicas: Int?
    var checkpoints: [StoredFiles]?

    init(_ plan: RunPlan) {
        (seed, batches, batchSize) = (plan.seed, plan.batches, plan.batchSize)
        freshSeed = plan.freshSeed
        rotating = plan.rotating.map { Rotating(count: $0.count, seed: $0.seed) }
        images = plan.images.map(Images.init)
        (noise, noiseFile) = (StoredWord(plan.noise), plan.noiseFile)
        maskRatio = plan.maskRatio
        (atol, rtol) = (plan.tolerance.atol, plan.tolerance.rtol)
        methods = plan.methods.map(StoredMethod.init)
        (workers, replicas) = (plan.workers, plan.replicas)
        checkpoints = plan.checkpoints?.map(StoredFiles.init)
    }

    /// The plan as it was, of the run named `run`.
    func plan(of run: String) -> RunPlan {
        var plan = RunPlan(
            run: run, seed: seed, batches: batches - (rotating?.count ?? 0), batchSize: batchSize, noise: noise.value,
            maskRatio: maskRatio,
            tolerance: Tolerance(atol: atol, rtol: rtol), methods: methods.map(\.method), workers: workers,
            replicas: replicas, images: images.map(\.plannedImages),
            noiseFile: noiseFile)
        plan.freshSeed = freshSeed
        if let rotating { plan.add(RotatingBatches(count: rotating.count, seed: rotating.seed)) }
        plan.checkpoints = checkpoints?.map(\.checkpointFiles)
        return plan
    }
}
