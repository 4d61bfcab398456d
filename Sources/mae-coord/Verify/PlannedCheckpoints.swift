import MAECheckpoint
import MAEContent
import MAECoordinator
import MAEDomain
import MAEEngine
import MAEFiles
import MAEFormats
import MAEVerify
import ZeroMQ

/// What lies at the paths of a run's methods and images on this machine, read before any worker asks for it.
struct PlannedCheckpoints {
    /// What is there, for the run's record.
    private(set) var files: [CheckpointFiles] = []
    /// The same for workers to fetch.
    private(set) var offer = ContentOffer()
    /// What a person should know about paths that are not there.
    private(set) var notes: [String] = []
    private let signals: SignalWatch

    private let allowsMissing: (_ path: String) -> Bool

    private init(signals: SignalWatch, allowsMissing: @escaping (_ path: String) -> Bool) {
        self.signals = signals
        self.allowsMissing = allowsMissing
    }

    /// Reads every file, or takes from `memory` what it remembers; long reading shows how far it is.
    ///
    /// A path that holds nothing here is an error unless `allowsMissing`: then the workers are taken to have it. Throws
    /// ``CheckpointError``, ``ContentError`` when a file is written to meanwhile, and ``Interruption`` when a signal comes.
    static func read(
        _ methods: [MAEDomain.LoadingMethod], images: ImageFolder?, noise: String?, memory: DigestMemory,
        _ line: ProgressLine,
        _ signals: SignalWatch,
        allowsMissing: @escaping (_ path: String) -> Bool
    ) throws -> PlannedCheckpoints {
        var checkpoints = PlannedCheckpoints(signals: signals, allowsMissing: allowsMissing)
        defer { line.clear() }
        for method in methods {
            try checkpoints.read(.checkpoint, method.path, memory, line)
            guard let path = method.configPath else { continue }
            try checkpoints.read(.configuration, path, memory, line)
        }
        if let images { try checkpoints.read(.images, images.path, memory, line) }
        if let noise { try checkpoints.read(.noise, noise, memory, line) }
        return checkpoints
    }

    /// Throws ``CoordinatorError/Code/otherCheckpoint`` when a path holds something else than when the run began.
    func requireSame(as plan: RunPlan) throws(CoordinatorError) {
        for now in files {
            guard let then = plan.files(now.role, at: now.path), then.digest != now.digest else { continue }
            throw CoordinatorError(
                .otherCheckpoint,
                "\(now.path) holds other files than when run \(plan.run) began (\(now.digest) now, \(then.digest) then): "
                    + "put the earlier ones back, or begin a new run")
        }
    }

    /// The files that lie at a path for a role, unread.
    static func listing(_ role: CheckpointFiles.Role, at path: String) throws -> FileListing {
        switch role {
        case .checkpoint: try FileListing(checkpoint: path)
        case .configuration: try FileListing(configuration: path)
        case .images: try ImageFolder(path: path).listing
        case .noise: FileListing(path: path, isDirectory: false, names: [FileSystem.split(path).name])
        }
    }

    /// When a file of a checkpoint was written: the path itself, or a file in the folder there.
    private static func modified(_ name: String, at path: String) -> Double? {
        FileSystem.modificationTime(FileSystem.isDirectory(path) ? path + "/" + name : path)
    }

    private mutating func read(
        _ role: CheckpointFiles.Role, _ path: String, _ memory: DigestMemory, _ line: ProgressLine
    ) throws {
        guard !files.contains(where: { $0.role == role && $0.path == path }) else { return }
        do {
            let read = try ReadFiles(Self.listing(role, at: path), memory: memory) { [signals] done, total in
                if let signal = signals.take() {
                    throw Interruption("signal \(signal) while checkpoints were read: no run was begun")
                }
                line.show("reading \(path):", done, of: total)
            }
            // Noise goes to the workers with their jobs.
            if role != .noise { try offer.add(read) }
            files.append(
                CheckpointFiles(
                    role, path: path, digest: read.manifest.digest,
                    files: read.manifest.files.map {
                        .init(
                            name: $0.name, size: $0.content.size, digest: $0.content.digest,
                            modified: Self.modified($0.name, at: path))
                    }))
        } catch let error as CheckpointError where error.code == .unreadableFile && allowsMissing(path) {
            notes.append("\(path) is not here: workers use what they have there, and nothing says that it is the same.")
        }
    }
}

/// A signal came while the coordinator did not listen.
struct Interruption: Error, CustomStringConvertible {
    /// What it cut short, and what becomes of the run.
    let description: String

    init(_ description: String) { self.description = description }
}
