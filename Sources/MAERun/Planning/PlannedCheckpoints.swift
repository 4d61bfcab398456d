import MAECheckpoint
import MAEContent
import MAECoordinator
import MAEDomain
import MAEEngine
import MAEFiles
import MAEFormats
import MAEPictures
import MAETensor
import MAEVerify

/// What is at the paths of a run's methods and images on this machine, read before any worker asks for it.
struct PlannedCheckpoints: Sendable {
    /// What is there, for the run's record.
    private(set) var files: [CheckpointFiles] = []
    /// The same for workers to fetch.
    private(set) var offer = ContentOffer()
    /// What a person should know about paths that are not there.
    private(set) var notes: [String] = []

    private let memory: DigestMemory
    private let onWorkers: FilesOnWorkers

    /// Reads every file of a plan, or takes from `memory` what it remembers; makes tensors of pictures, in `folder` for as long as it
    /// takes to open them.
    ///
    /// A path that holds nothing here is an error unless `onWorkers` has it. Throws `CheckpointError`, `ContentError` when a
    /// file is written to meanwhile, and `CancellationError` when the step is to stop.
    init(
        reading plan: RunPlan, images source: ImageSource?, preparingIn folder: String, memory: DigestMemory,
        onWorkers: FilesOnWorkers, _ step: StepControl
    ) throws {
        self.memory = memory
        self.onWorkers = onWorkers
        for method in plan.methods {
            try read(.checkpoint, method.path, step)
            guard let path = method.configPath else { continue }
            try read(.configuration, path, step)
        }
        if let images = plan.images {
            if images.preparation == nil {
                try read(.images, images.path, step)
            } else {
                let pictures = try digestPictures(at: images.path, step)
                if let source {
                    try prepare(source, as: images.preparedPath, in: folder, step)
                    // The digests are those of what was decoded.
                    try pictures.requireUnchanged()
                }
            }
        }
        if let noise = plan.noiseFile { try read(.noise, noise, step) }
    }

    /// Throws `CoordinatorError` `otherCheckpoint` when a path holds something else than when the run began.
    func requireSame(as plan: RunPlan) throws(CoordinatorError) {
        for now in files {
            guard let then = plan.files(now.role, at: now.path), then.digest != now.digest else { continue }
            throw CoordinatorError(
                .otherCheckpoint,
                "\(now.path) holds other files than when run \(plan.run) began (\(now.digest) now, \(then.digest) then): "
                    + "put the earlier ones back, or begin a new run")
        }
    }

    /// The files at a path for a role, unread.
    static func listing(_ role: CheckpointFiles.Role, at path: String) throws -> FileListing {
        switch role {
        case .checkpoint: try FileListing(checkpoint: path)
        case .configuration: try FileListing(configuration: path)
        // Pictures next to tensors are no part of a run that began without them.
        case .images: try ImageFolder(path: path).listing
        case .pictures: try ImageSource.listing(path)
        case .noise: FileListing(path: path, isDirectory: false, names: [FileSystem.split(path).name])
        }
    }

    /// When a file of a checkpoint was written: the path itself, or a file in the folder there.
    private static func modified(_ name: String, at path: String) -> Double? {
        FileSystem.modificationTime(FileSystem.isDirectory(path) ? path + "/" + name : path)
    }

    private static func files(
        _ role: CheckpointFiles.Role, _ path: String, _ manifest: Manifest, modified: (String) -> Double?
    ) -> CheckpointFiles {
        CheckpointFiles(
            role, path: path, digest: manifest.digest,
            files: manifest.files.map {
                .init(
                    name: $0.name, size: $0.content.size, digest: $0.content.digest, modified: modified($0.name))
            })
    }

    /// Makes tensors of pictures, for workers to fetch as `name`.
    ///
    /// Their files lose their names once they are open: whatever ends this process, they take no room afterwards.
    private mutating func prepare(
        _ source: ImageSource, as name: String, in folder: String, _ step: StepControl
    ) throws {
        // One tensor is made of each, which stays open.
        try source.listing.requireRoom()
        do throws(FileError) { try Folder.makePrivate(folder) } catch {
            throw TensorError(
                .unwritableFile, path: folder, "cannot be made: \(error.reason). \(error.remedyForWriting)")
        }
        func clear() { Folder.removeFiles(in: folder) { _ in true } }
        // What a crash left there.
        clear()
        defer { clear() }
        let listing = try source.write(to: folder) { done, total in
            if step.isCancelled { throw CancellationError() }
            step.show("preparing images of \(source.path):", done, of: total)
        }
        // Nothing of them is remembered: other files will have these names.
        let read = try ReadFiles(listing, memory: DigestMemory()) { done, total in
            if step.isCancelled { throw CancellationError() }
            step.show("reading prepared images:", done, of: total)
        }
        try offer.add(read)
        files.append(Self.files(.images, name, read.manifest) { _ in nil })
    }

    /// Takes the digests of pictures, which stay here: workers fetch what is made of them.
    private mutating func digestPictures(at path: String, _ step: StepControl) throws -> DigestedFiles {
        let pictures = try DigestedFiles(
            Self.listing(.pictures, at: path), memory: memory, progress: Self.show(path, step))
        files.append(Self.files(.pictures, path, pictures.manifest) { Self.modified($0, at: path) })
        return pictures
    }

    /// Shows how much of a path is read.
    private static func show(_ path: String, _ step: StepControl)
        -> @Sendable (_ done: Int, _ total: Int) throws -> Void
    {
        { done, total in
            if step.isCancelled { throw CancellationError() }
            step.show("reading \(path):", done, of: total)
        }
    }

    private mutating func read(_ role: CheckpointFiles.Role, _ path: String, _ step: StepControl) throws {
        guard !files.contains(where: { $0.role == role && $0.path == path }) else { return }
        do {
            let read = try ReadFiles(Self.listing(role, at: path), memory: memory, progress: Self.show(path, step))
            // Noise goes to the workers with their jobs.
            if role != .noise { try offer.add(read) }
            files.append(Self.files(role, path, read.manifest) { Self.modified($0, at: path) })
        } catch let error as CheckpointError where error.code == .unreadableFile && onWorkers.have(path) {
            notes.append("\(path) is not here: workers use what they have there, and nothing says that it is the same.")
        }
    }
}

/// Which paths that this machine cannot read are left to the workers.
struct FilesOnWorkers: Sendable {
    /// Whether all are.
    let isAnyPath: Bool
    /// Those that are in any case.
    let paths: Set<String>

    func have(_ path: String) -> Bool { isAnyPath || paths.contains(path) }
}
