import Foundation
import MAECheckpoint
import MAECoordinator
import MAEDomain
import MAEExplain
import MAEPictures
import MAEStore
import MAETensor
import MAEText
import MAEVerify

/// What a run is to do, with the images that it is about: a new run, or one of the store that is carried on.
public struct PlannedRun: Sendable {
    /// The plan; that of a new run does not name its files by digest yet.
    public let plan: RunPlan
    /// The images; nil where they are drawn.
    public let images: RunImages?
    /// What the store says of the run; nil for a new one.
    public let resumed: RunRecord?
    private let noiseFile: String?

    /// A new run.
    ///
    /// - Parameters:
    ///   - draft: the plan without images, whose number of batches is that of a run without images.
    ///   - images: where the images are; nil draws them.
    ///   - batches: how many batches the images are to make, when the person said so.
    ///   - rotating: batches that are drawn for this run, which come on top.
    /// - Throws: `TensorError` for what is no images; `CoordinatorError` (a usage error) when they are too few, when noise from
    ///   a file does not fit the last batch, and when replicas leave some nodes without work.
    public init(_ draft: RunPlan, images path: String? = nil, batches: Int? = nil, rotating: RotatingBatches? = nil)
        throws
    {
        var plan = draft
        let images = try path.map { path in
            try RunImages(path: path) { try Preprocessing.find(for: draft.methods) }
        }
        if let images {
            (plan.batches, plan.batchSize) = try images.split(draft, batches: batches)
            plan.images = images.planned
        }
        if let rotating { plan.add(rotating) }
        if let fault = plan.faultOfReplicas { throw CoordinatorError(.badPlan, fault) }
        self.init(plan: plan, images: images, resumed: nil, noiseFile: plan.noiseFile)
    }

    /// A run of the store, to be carried on as it was planned.
    ///
    /// `noise` is the file of its noise, which runs of older versions did not keep.
    ///
    /// - Throws: `TensorError` for what is no images any more.
    public init(resuming record: RunRecord, noise: String? = nil) throws {
        self.init(
            plan: record.plan,
            images: try record.plan.images.map { try RunImages(recorded: $0) },
            resumed: record, noiseFile: record.plan.noiseFile ?? noise)
    }

    private init(plan: RunPlan, images: RunImages?, resumed: RunRecord?, noiseFile: String?) {
        self.plan = plan
        self.images = images
        self.resumed = resumed
        self.noiseFile = noiseFile
    }

    /// The noise of every batch, (batch size, patches), where it is in a file; nil where noise is drawn.
    func noise() throws -> Tensor? {
        guard plan.noise == .file else { return nil }
        guard let noiseFile else {
            throw CoordinatorError(
                .badPlan, "--resume \(plan.run): its noise is from a file; name that again with --noise file=F.npy")
        }
        return try Tensor(npy: noiseFile)
    }

    /// `run-20260131-235959-4f2a`: sorts by time, and two in one second differ.
    public static var newName: String {
        // ISO 8601 needs no data of languages, which small links leave out: 20260131T235959Z.
        let time = Date().formatted(Date.ISO8601FormatStyle(dateSeparator: .omitted, timeSeparator: .omitted))
        let suffix = String(UInt16.random(in: 0x1000...UInt16.max), radix: 16)
        return "run-\(time.replacing("T", with: "-").replacing("Z", with: ""))-\(suffix)"
    }
}

extension Preprocessing {
    /// What is done to the pictures of a run: as the first of its models says that comes with a `preprocessor_config.json`, else as
    /// ViT-MAE's own processor does it, to the size of the first model that this machine can read.
    fileprivate static func find(for methods: [LoadingMethod]) throws -> Preprocessing {
        let size = methods.lazy.compactMap { method in
            try? ModelCheckpoint.openUnverified(
                method.path, weights: method.weights, method: LoadingChoice(method.kind),
                configuration: method.configPath, comparesNeighbors: false
            ).configuration.values.imageSize
        }.first
        return try find(
            in: methods.flatMap { [$0.path, $0.configPath].compactMap(\.self) },
            otherwise: size.map { Extent(height: $0.height, width: $0.width) } ?? .standard)
    }
}

extension RunPlan {
    /// Why the replicas leave some nodes without work; nil when they do not.
    public var faultOfReplicas: String? {
        guard let replicas, batches * replicas < workers else { return nil }
        return
            "--replicas \(replicas): \(NumberText.count(batches, "batch", "batches")) cannot give each of \(workers) nodes "
            + "work; give --batches \((workers + replicas - 1) / replicas) or more."
    }

    /// The files and folders that the run reads.
    public var inputs: [String] {
        methods.flatMap { [$0.path] + [$0.configPath].compactMap(\.self) }
            + [images?.path, noiseFile].compactMap(\.self)
    }
}
