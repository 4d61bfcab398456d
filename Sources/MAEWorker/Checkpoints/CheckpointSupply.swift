import Logging
import MAECheckpoint
import MAEContent
import MAEDomain
import MAEEngine
import MAEFormats
import MAEKeys
import MAETensor
import MAEWire
import ZeroMQ

/// Finds the files that a job names by digest: at the path it names, in the cache, or at the coordinator.
///
/// A path is looked at only in the folders that are allowed; elsewhere it is as if nothing were there.
///
/// Used on one thread at a time, never on the worker's own.
public final class CheckpointSupply: Sendable {
    /// Opens a connection to the coordinator, for the calling thread.
    typealias Connect = @Sendable (_ isCancelled: @escaping @Sendable () -> Bool) throws -> ContentConnection

    private let cache: ContentCache
    private let folders: ModelFolders
    private let memory: DigestMemory
    private let fetches: Bool
    private let connect: Connect
    private let log: Logger

    /// A supply from `folders` and `cache`, and through `connect`.
    init(
        cache: ContentCache, folders: ModelFolders, fetches: Bool, log: Logger, connect: @escaping Connect
    ) {
        self.cache = cache
        self.folders = folders
        memory = DigestMemory(path: cache.digestMemoryPath)
        self.fetches = fetches
        self.log = log
        self.connect = connect
    }

    /// A supply from `folders` and `cache`, and from the coordinator of `options`.
    ///
    /// - Parameters:
    ///   - folders: where jobs may name files of this machine.
    ///   - fetches: whether files may come from the coordinator; where not, a file that differs is a failure.
    public convenience init(
        cache: ContentCache, folders: ModelFolders, fetches: Bool = true, options: WorkerOptions, context: Context,
        log: Logger
    ) {
        self.init(cache: cache, folders: folders, fetches: fetches, log: log) { isCancelled in
            var socketOptions = SocketOptions()
            socketOptions.maximumFrameBytes = WireLimits.headerBytes
            socketOptions.maximumFrames = WireLimits.frames
            socketOptions.connectionLimits = ContentConnection.limits
            socketOptions.ioThread = WorkerOptions.fileThread
            return ContentConnection(
                try options.connect(socketOptions, in: context), isCancelled: isCancelled)
        }
    }

    /// Where the files of `job` are, with the bytes that it names.
    ///
    /// Throws `JobFailure` when they cannot be had, and `CancellationError` when the job was cancelled.
    package func place(of job: JobRequest, _ control: ShardControl) throws -> CheckpointPlace {
        var findings: [LoadFinding] = []
        let metadata = Logger.Metadata.about(job)
        let checkpoint = try locate(job.checkpoint, job.checkpointFiles, control, metadata, &findings) {
            try FileListing(checkpoint: $0)
        }
        let configuration = try job.configuration.map { path in
            try locate(path, job.configurationFiles, control, metadata, &findings) {
                try FileListing(configuration: $0)
            }
        }
        return CheckpointPlace(checkpoint: checkpoint, configuration: configuration, findings: findings)
    }

    /// Where the images of `job` are, with the bytes that it names; `findings` is told of other files at their path.
    ///
    /// Throws `JobFailure` when they cannot be had, and `CancellationError` when the job was cancelled.
    func images(
        _ images: JobRequest.Images, of job: JobRequest, _ control: ShardControl, _ findings: inout [LoadFinding]
    ) throws -> CheckpointPlace.Location {
        try locate(images.path, images.files, control, .about(job), &findings) { try ImageFolder(path: $0).listing }
    }

    private func locate(
        _ path: String, _ digest: SHA256Digest?, _ control: ShardControl, _ metadata: Logger.Metadata,
        _ findings: inout [LoadFinding], _ list: (String) throws -> FileListing
    ) throws -> CheckpointPlace.Location {
        let isAdmitted = folders.admit(path)
        if !isAdmitted { log.info("\(path) is in no folder of --models, and is not looked at", metadata: metadata) }
        // Throws for what is no checkpoint: reading it says why.
        let listing = isAdmitted ? try? list(path) : nil
        let isListed = listing.map(folders.admit) ?? true
        guard let digest else {
            // The coordinator has no such path: there is nothing to compare with.
            guard isAdmitted, isListed else { throw JobFailure(nothingAt: path) }
            return CheckpointPlace.Location(path: path, named: path)
        }
        do {
            let local = isListed ? try listing.flatMap { try read($0, control) } : nil
            if let local, local.manifest.digest == digest {
                let identities = Dictionary(local.files.map { ($0.path, $0.identity) }) { first, _ in first }
                return CheckpointPlace.Location(path: path, named: path, identities: identities)
            }
            guard fetches else {
                let here =
                    local.map { "has the digest \($0.manifest.digest) here" }
                    ?? "is not there, cannot be read, or is in no folder of --models,"
                throw JobFailure(
                    code: JobFailure.filesRefused, message: "\(path): \(here) and has \(digest) at the coordinator",
                    remedy:
                        "copy the coordinator's files into a folder of --models, or allow them to be fetched: leave out "
                        + "--no-fetch",
                    fault: .input)
            }
            return try fetch(path, digest, local?.manifest, control, metadata, &findings)
        } catch let error as ContentError {
            throw JobFailure(code: error.code.rawValue, message: error.description, fault: .node)
        } catch let error as KeyError {
            throw JobFailure(code: error.code.rawValue, message: error.description, fault: .node)
        } catch let error as ZeroMQError {
            throw JobFailure(code: error.code.rawValue, message: error.description, fault: .node)
        }
    }

    /// The files on this machine; nil when they cannot be read.
    private func read(_ listing: FileListing, _ control: ShardControl) throws -> ReadFiles? {
        do {
            return try ReadFiles(listing, memory: memory) { done, total in
                if control.isCancelled() { throw CancellationError() }
                control.report(ShardPlace(.fetching, step: done, of: total))
            }
        } catch is ContentError {
            return nil
        }
    }

    private func fetch(
        _ path: String, _ digest: SHA256Digest, _ local: Manifest?, _ control: ShardControl,
        _ metadata: Logger.Metadata, _ findings: inout [LoadFinding]
    ) throws -> CheckpointPlace.Location {
        let connection = try connect(control.isCancelled)
        let manifest = try connection.manifest(digest)
        if let local {
            let finding = LoadFinding(otherFilesAt: path, local, than: manifest)
            log.warning("\(finding.text)", metadata: metadata)
            findings.append(finding)
        }
        try ContentError.requireRoom(for: manifest.files.count, at: path)
        var done = 0
        let held = try manifest.files.map { file in
            defer { done += file.content.size }
            let before = done
            let verified = ByteCounter(total: manifest.size) { count, total in
                if control.isCancelled() { throw CancellationError() }
                control.report(ShardPlace(.fetching, step: min(before + count, total), of: total))
            }
            return try cache.file(file.content, progress: verified.add) { partial in
                log.info(
                    "fetching \(file.name) of \(path), \(file.content.size - partial.byteCount) bytes",
                    metadata: metadata)
                var count = partial.byteCount
                try connection.fill(partial) {
                    count = min(count + FileContent.chunkSize, file.content.size)
                    control.report(ShardPlace(.fetching, step: done + count, of: manifest.size))
                }
            } wait: { count in
                if control.isCancelled() { throw CancellationError() }
                control.report(ShardPlace(.fetching, step: done + count, of: manifest.size))
            }
        }
        return CheckpointPlace.Location(path: try cache.view(of: manifest), named: path, held: held)
    }
}

extension JobFailure {
    /// Says that there is nothing at `path` for a coordinator, in the same words whatever is there.
    fileprivate init(nothingAt path: String) {
        self.init(
            code: CheckpointError.Code.unreadableFile.rawValue,
            message: "\(path): this worker has nothing at this path that a coordinator may have read",
            remedy: "if it is there, its operator allows the folder with mae-worker --models DIR", fault: .input)
    }
}

extension LoadFinding {
    /// Says that this node has other files at a path than the run is about.
    fileprivate init(otherFilesAt path: String, _ local: Manifest, than manifest: Manifest) {
        func words(_ files: Manifest, _ name: String) -> String {
            guard let content = files.files.first(where: { $0.name == name })?.content else { return "absent" }
            return "\(content.digest.description.prefix(16)), \(content.size) bytes"
        }
        let names = Set(local.files.map(\.name)).union(manifest.files.map(\.name)).sorted()
        let differing = names.filter { words(local, $0) != words(manifest, $0) }
        let details = differing.prefix(3).map { "\($0) is \(words(local, $0)) instead of \(words(manifest, $0))" }
        self.init(
            code: "other-local-files", severity: .warning,
            text: ("the files at \(path) are not the coordinator's (\(details.joined(separator: "; "))); "
                + "the coordinator's were fetched and used, so look for what went stale there")
                .clipped(to: WireLimits.textBytes))
    }
}
