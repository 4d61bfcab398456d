import Foundation
import Glibc
import MAEFiles
import MAETensor

/// Files by their content, in a folder that any number of processes of a machine share.
///
/// Only the user whose processes fill it may open it: checkpoints may be confidential. `files/` holds whole files,
/// read-only, each named after its digest; `partial/` those under way; `views/` folders that give
/// the files of a manifest their names. Advisory locks of the kernel keep two processes from filling one file, and files in
/// use from being removed: they end with the process that holds them.
public final class ContentCache: Sendable {
    /// The folder.
    public let directory: String
    /// Bytes that all files together may have.
    public let limit: Int
    /// Told of each file that had to go, with its name and why.
    private let note: @Sendable (String) -> Void
    private let records: VerificationRecords

    /// Microseconds between two looks of a process that waits for another one.
    private static let pollInterval: UInt32 = 20_000

    /// A cache in `directory`, which is made when first needed.
    public init(directory: String, limit: Int, note: @escaping @Sendable (String) -> Void = { _ in }) {
        self.directory = directory
        self.limit = limit
        self.note = note
        records = VerificationRecords(directory: directory + "/verified")
    }

    /// Where digests of files outside of the cache may be remembered.
    public var digestMemoryPath: String { directory + "/digests.json" }

    /// The file with `content`: the one that is there, or one that `fill` writes the lacking chunks of.
    ///
    /// A file on the disk is verified again when it was touched, and after a restart of the machine; `progress` is told, on
    /// any thread, how many more bytes were, and may throw. When another process fills the file, `wait` is told now and
    /// then how many bytes there are; it may throw. If that process ends before the file is whole, `fill` goes on from there.
    public func file(
        _ content: FileContent, progress: @Sendable (Int) throws -> Void = { _ in },
        fill: (PartialFile) throws -> Void, wait: (_ done: Int) throws -> Void
    ) throws -> CachedFile {
        try makeFolders()
        while true {
            if let file = try finished(content, progress) { return file }
            guard let partial = try claim(content) else {
                // The process that had it before may just have finished it.
                guard access(finishedPath(content), F_OK) != 0 else { continue }
                try wait(FileIdentity(partialPath(content))?.size ?? 0)
                usleep(Self.pollInterval)
                continue
            }
            do {
                try partial.verify(progress)
                try fill(partial)
                try partial.finish(as: finishedPath(content))
            } catch let error as ContentError where error.code == .diskFull {
                // A full disk hurts everybody on it.
                partial.discard()
                throw error
            }
            if let identity = FileIdentity(finishedPath(content)) { records.add("\(content.digest)", identity) }
        }
    }

    /// A path at which the files of `manifest`, which are all held, have their names: a folder, or the one file.
    public func view(of manifest: Manifest) throws(ContentError) -> String {
        let folder = directory + "/views/\(manifest.digest)"
        let lock = try LockedFile.ofCache(waitingFor: lockPath)
        defer { withExtendedLifetime(lock) {} }
        try makeFolder(folder)
        for file in manifest.files {
            let link = folder + "/" + file.name
            guard symlink("../../files/\(file.content.digest)", link) != 0, errno != EEXIST else { continue }
            throw ContentError(.unwritable, FileError(link, .system(errno)), "cannot be made in the cache")
        }
        return manifest.isDirectory ? folder : folder + "/" + manifest.files[0].name
    }

    /// The file when it is there and its bytes are right; one whose bytes are wrong is removed.
    private func finished(
        _ content: FileContent, _ progress: @Sendable (Int) throws -> Void
    ) throws -> CachedFile? {
        let path = finishedPath(content)
        guard let lock = try LockedFile.ofCache(path, .shared, for: .reading) else { return nil }
        guard let identity = FileIdentity(path) else { return nil }
        if !records.isVerified("\(content.digest)", identity) {
            guard try FileContent(reading: ReadableFile(path), progress: progress) == content else {
                note("the cached file \(path) is damaged: it is removed and fetched again")
                unlink(path)
                return nil
            }
            records.add("\(content.digest)", identity)
        }
        return CachedFile(path: path, lock: lock)
    }

    /// The file to fill, with room for all of it; nil when another process fills it, or has just done so.
    private func claim(_ content: FileContent) throws -> PartialFile? {
        guard content.size <= limit else {
            throw ContentError(
                .cacheFull, path: directory,
                "a file of \(content.size) bytes is larger than the cache may be, \(limit) bytes; allow more with "
                    + "--cache-limit")
        }
        // One after the other, so that each sees the room that those before it were promised.
        let lock = try LockedFile.ofCache(waitingFor: lockPath)
        defer { withExtendedLifetime(lock) {} }
        guard let partial = try PartialFile(partialPath(content), content) else { return nil }
        if access(finishedPath(content), F_OK) == 0 {
            partial.discard()
            return nil
        }
        guard !Eviction(directory: directory).makeRoom(limit: limit, note) else { return partial }
        throw ContentError(
            .cacheFull, path: directory,
            "there is no room for \(content.size) bytes below the limit of \(limit), and the files that are there are in "
                + "use; allow more with --cache-limit")
    }

    private func makeFolders() throws(ContentError) {
        for name in ["files", "partial", "verified", "views"] {
            do { try Folder.makePrivate(directory + "/" + name) } catch {
                throw ContentError(.unwritable, error, "the folder cannot be made")
            }
        }
    }

    private func makeFolder(_ path: String) throws(ContentError) {
        do { try Folder.make(path, mode: 0o700) } catch {
            throw ContentError(.unwritable, error, "the folder cannot be made")
        }
    }

    /// Locked for moments: while files are removed, and while a view is made of files that are there.
    private var lockPath: String { directory + "/lock" }

    private func finishedPath(_ content: FileContent) -> String { directory + "/files/\(content.digest)" }

    private func partialPath(_ content: FileContent) -> String {
        directory + "/partial/" + Eviction.name(ofPartial: content)
    }
}
