import ArgumentParser
import Foundation
import MAEDomain
import struct MAECheckpoint.CheckpointReference
import struct MAECheckpoint.HubCache
import MAECommand
import MAECoordinator
import MAEVerify

/// `--method KIND=PATH`, `KIND=FILE#KEY` or `KIND@mask_ratio=R=PATH`.
struct MethodArgument: ExpressibleByArgument {
    let kind: LoadingMethod.Kind
    let maskRatio: Double?
    let checkpoint: CheckpointReference

    private static let ratioMark = "@mask_ratio="

    init?(argument: String) {
        guard
            let found = LoadingMethod.Kind.allCases.first(where: {
                argument.hasPrefix($0.rawValue + "=") || argument.hasPrefix($0.rawValue + Self.ratioMark)
            })
        else { return nil }
        var rest = argument.dropFirst(found.rawValue.count)
        if rest.hasPrefix(Self.ratioMark) {
            rest = rest.dropFirst(Self.ratioMark.count)
            guard let end = rest.firstIndex(of: "="), let ratio = Double(rest[..<end]), ratio >= 0, ratio < 1 else {
                return nil
            }
            maskRatio = ratio
            rest = rest[end...]
        } else {
            maskRatio = nil
        }
        guard rest.count > 1 else { return nil }
        kind = found
        checkpoint = CheckpointReference(String(rest.dropFirst()))
    }
}

/// `--noise shared|sequential|file=F.npy`.
struct NoiseArgument: ExpressibleByArgument {
    let policy: NoiseSource.Policy
    let file: String?

    static let shared = NoiseArgument(policy: .shared, file: nil)

    private init(policy: NoiseSource.Policy, file: String?) {
        self.policy = policy
        self.file = file
    }

    init?(argument: String) {
        switch argument {
        case "shared": self.init(policy: .shared, file: nil)
        case "sequential": self.init(policy: .sequential, file: nil)
        default:
            guard argument.hasPrefix("file="), argument.count > 5 else { return nil }
            self.init(policy: .file, file: String(argument.dropFirst(5)))
        }
    }
}

/// What is to be verified.
struct VerifyPlanOptions: ParsableArguments {
    @Option(
        name: .customLong("method"),
        help: ArgumentHelp(
            "A way of loading: pretrained=DIR (hub directory, or a model of the local hub cache such as "
                + "facebook/vit-mae-base), full=FILE (pickled model) or state-dict=FILE; FILE#KEY for one of several models "
                + "in a file; KIND@mask_ratio=R=… sets the ratio after loading, as a program does in Python. Repeat "
                + "for each. Workers that do not have the same files at this path fetch them from here.",
            valueName: "kind=path"), completion: .list(LoadingMethod.Kind.allCases.map { $0.rawValue + "=" }))
    var methods: [MethodArgument] = []

    @Flag(
        help: ArgumentHelp(
            "Take it that workers have the files of paths that this machine cannot read. Nothing says then that theirs are "
                + "the same. Without it, such a path is refused."))
    var filesOnWorkers = false

    @Flag(
        name: .customLong("referee"), inversion: .prefixedNo,
        help: ArgumentHelp(
            "Compute by each method, on this machine, a batch of one image that is drawn for this run alone, and one of the "
                + "other batches, and set the answers of the nodes against it: nodes that only agree with each other may "
                + "hand in what they did not compute."))
    var isRefereed = true

    @Option(
        help: ArgumentHelp(
            "A config.json, or a directory with one, for state dicts: they carry no configuration.", valueName: "path"),
        completion: .file(extensions: ["json"]))
    var config: String?

    @Option(
        name: .customLong("seed"),
        help: ArgumentHelp(
            "Batch i is drawn with PyTorch's generator from seed + i. (default: \(SeedArgument.default))",
            valueName: "n"),
        transform: SeedArgument.parse)
    var givenSeed: UInt64?

    @Option(
        name: .customLong("batches"),
        help: ArgumentHelp(
            "Number of batches. (default: \(Defaults.batches), or what --images holds)", valueName: "n"))
    var givenBatches: Int?

    @Option(
        name: .customLong("batch-size"),
        help: ArgumentHelp("Images a batch. (default: \(Defaults.batchSize))", valueName: "n"))
    var givenBatchSize: Int?

    @Option(
        help: ArgumentHelp(
            "Images to run on, instead of drawn ones: a file, or every one in a folder by name. PNG and JPEG are preprocessed "
                + "here, as preprocessor_config.json says; .npy is taken as it is, float16, float32 or float64, (C, H, W) or "
                + "(B, C, H, W). Workers fetch them from here.",
            valueName: "path"), completion: .file())
    var images: String?

    @Option(
        help: ArgumentHelp(
            "Fraction of patches to remove, from 0 to below 1; what each checkpoint says when left out.", valueName: "r"
        ))
    var maskRatio: Double?

    @Option(
        name: .customLong("noise"),
        help: ArgumentHelp(
            "shared: every method is masked by the same draw. sequential: each method takes the next draw, as PyTorch does "
                + "when models run one after the other. file=F.npy: the noise in a file. (default: shared)",
            valueName: "policy"), completion: .list(["shared", "sequential", "file="]))
    var givenNoise: NoiseArgument?

    @Option(
        name: .customLong("atol"),
        help: ArgumentHelp(
            "Absolute tolerance between numeric classes. (default: \(Tolerance().atol))", valueName: "x"))
    var givenAtol: Float?

    @Option(
        name: .customLong("rtol"),
        help: ArgumentHelp(
            "Relative tolerance between numeric classes. (default: \(Tolerance().rtol))", valueName: "x"))
    var givenRtol: Float?

    /// What is used where nothing is given.
    private enum Defaults {
        static let batches = 1
        static let batchSize = 8
    }

    var noise: NoiseArgument { givenNoise ?? .shared }
    var seed: UInt64 { givenSeed ?? SeedArgument.default }
    var batches: Int { givenBatches ?? Defaults.batches }
    var batchSize: Int { givenBatchSize ?? Defaults.batchSize }
    var atol: Float { givenAtol ?? Tolerance().atol }
    var rtol: Float { givenRtol ?? Tolerance().rtol }

    /// The files and folders that are read.
    var inputs: [String] {
        methods.map(\.checkpoint.path).filter { !HubCache.isModelName($0) }
            + [config, images, noise.file].compactMap(\.self)
    }

    /// Refuses options that say something else than a run that is carried on.
    ///
    /// Throws ``CoordinatorError`` (a usage error); what was planned holds, and repeating it is no fault.
    func requireSame(as plan: RunPlan, workers: Int?) throws(CoordinatorError) {
        func check<Value: Equatable>(
            _ option: String, _ given: Value?, _ planned: Value?
        ) throws(CoordinatorError) {
            guard let given, given != planned else { return }
            throw CoordinatorError(
                .badPlan,
                "--\(option) \(given): run \(plan.run) was planned with \(planned.map { "\($0)" } ?? "none"), and is "
                    + "carried on so; leave the option out, or begin a new run")
        }
        try check("workers", workers, plan.workers)
        try check("seed", givenSeed, plan.seed)
        try check("batches", givenBatches, plan.pinnedBatches)
        try check("batch-size", givenBatchSize, plan.batchSize)
        try check("images", images.map(Self.absolute), plan.images?.path)
        try check("noise", givenNoise?.policy.rawValue, plan.noise.rawValue)
        if let planned = plan.noiseFile {
            try check("noise", givenNoise?.file.map(Self.absolute), planned)
        }
        try check("config", config.map(Self.absolute), plan.methods.lazy.compactMap(\.configPath).first)
        try check("mask-ratio", maskRatio, plan.maskRatio)
        try check("atol", givenAtol, plan.tolerance.atol)
        try check("rtol", givenRtol, plan.tolerance.rtol)
    }

    /// The path with the current folder in front, so that the run can be carried on from another one.
    static func absolute(_ path: String) -> String { URL(fileURLWithPath: path).standardized.path }

    func validate() throws {
        guard (1...1_000_000).contains(batches) else {
            throw ValidationError("--batches \(batches): from 1 to 1000000.")
        }
        guard (1...65536).contains(batchSize) else {
            throw ValidationError("--batch-size \(batchSize): from 1 to 65536.")
        }
        if let maskRatio, !(maskRatio >= 0 && maskRatio < 1) {
            throw ValidationError("--mask-ratio \(maskRatio): from 0 to below 1.")
        }
        guard atol >= 0, atol.isFinite, rtol >= 0, rtol.isFinite else {
            throw ValidationError("--atol \(atol), --rtol \(rtol): from 0 on, and finite.")
        }
    }

    /// The ways of loading, each with a label of its own: two of one kind are numbered.
    var loadingMethods: [LoadingMethod] {
        let directory = FileManager.default.currentDirectoryPath
        func absolute(_ path: String) -> String {
            // Each worker looks for a model's name in its own cache.
            guard !HubCache.isModelName(path) else { return path }
            return path.hasPrefix("/")
                ? path
                : URL(fileURLWithPath: directory).appendingPathComponent(path).standardized.path
        }
        var seen: [LoadingMethod.Kind: Int] = [:]
        return methods.map { method in
            let number = seen[method.kind, default: 0] + 1
            seen[method.kind] = number
            return LoadingMethod(
                kind: method.kind, label: number == 1 ? method.kind.rawValue : "\(method.kind.rawValue)-\(number)",
                path: absolute(method.checkpoint.path), weights: method.checkpoint.weights,
                // A hub directory and a pickled model carry their own configuration, which is part of what is verified.
                configPath: method.kind == .stateDict ? config.map(absolute) : nil, maskRatio: method.maskRatio)
        }
    }
}

/// Files that a report is written to.
struct ReportFileOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("Write the report for programs; its fields are stable.", valueName: "file"),
        completion: .file(extensions: ["json"]))
    var json: String?

    @Option(help: ArgumentHelp("Write a JUnit report.", valueName: "file"), completion: .file(extensions: ["xml"]))
    var junit: String?

    @Option(
        help: ArgumentHelp("Write a page to read in a browser.", valueName: "file"),
        completion: .file(extensions: ["html"]))
    var html: String?

    /// The files, by their options.
    var outputs: [(option: String, path: String?)] { [("--json", json), ("--junit", junit), ("--html", html)] }
}

/// Where the report of a run goes, and its figures meanwhile.
struct VerifyReportOptions: ParsableArguments {
    @OptionGroup var files: ReportFileOptions

    @Option(
        help: ArgumentHelp(
            "Write figures for Prometheus here, every few seconds and at the end; name it NAME.prom for node_exporter.",
            valueName: "file"), completion: .file(extensions: ["prom"]))
    var metrics: String?

    /// The files that are written, by their options.
    var outputs: [(option: String, path: String?)] {
        files.outputs + [("--metrics", metrics)]
    }
}
