import MAEFiles

/// The names of files that belong together, before they are read.
public struct FileListing: Sendable, Hashable {
    /// The folder, or the single file.
    public let path: String
    /// Whether it is a folder.
    public let isDirectory: Bool
    /// Names of the files in the folder; that of the file otherwise.
    public let names: [String]

    /// Lists files of the folder at `path`, or the file at `path` itself.
    public init(path: String, isDirectory: Bool, names: [String]) {
        self.path = path
        self.isDirectory = isDirectory
        self.names = names
    }

    /// The path of each file.
    public var paths: [String] { isDirectory ? names.map { path + "/" + $0 } : [path] }

    /// Throws ``ContentError`` where this process may not have one file open for each of them.
    public func requireRoom() throws(ContentError) { try ContentError.requireRoom(for: names.count, at: path) }
}

/// Files that were read: their manifest, and the open files in its order.
public struct ReadFiles: Sendable {
    /// What they hold.
    public let manifest: Manifest
    /// The files, in the order of the manifest.
    public let files: [ReadableFile]

    /// Opens and reads every file of a listing, or takes from `memory` what it remembers.
    ///
    /// `progress` is told, on any thread, how many bytes of how many were read, and ends the reading by throwing. Throws
    /// ``ContentError``, also for more files than this process may have open.
    public init(
        _ listing: FileListing, memory: DigestMemory,
        progress: @escaping @Sendable (_ done: Int, _ total: Int) throws -> Void = { _, _ in }
    ) throws {
        try listing.requireRoom()
        let opened = try listing.paths.map { path throws(ContentError) in try ReadableFile(path) }
        let tally = ByteCounter(total: opened.reduce(0) { $0 + $1.size }, progress)
        var entries: [(Manifest.File, ReadableFile)] = []
        for (name, file) in zip(listing.names, opened) {
            let content = try memory.content(of: file) { try tally.add($0) }
            entries.append((Manifest.File(name: name, content: content), file))
        }
        entries.sort { $0.0.isBefore($1.0) }
        manifest = try Manifest(isDirectory: listing.isDirectory, files: entries.map(\.0))
        files = entries.map(\.1)
    }
}

/// Files that were read and closed again: their manifest, and what each of them was.
public struct DigestedFiles: Sendable {
    /// What they hold.
    public let manifest: Manifest
    private let identities: [(path: String, identity: FileIdentity)]

    /// Reads every file of a listing, one after the other, or takes from `memory` what it remembers.
    ///
    /// `progress` is told, on any thread, how many bytes of how many were read, and ends the reading by throwing.
    public init(
        _ listing: FileListing, memory: DigestMemory,
        progress: @escaping @Sendable (_ done: Int, _ total: Int) throws -> Void = { _, _ in }
    ) throws {
        let sizes = listing.paths.map { FileIdentity($0)?.size ?? 0 }
        let tally = ByteCounter(total: sizes.reduce(0, +), progress)
        var entries: [Manifest.File] = []
        var identities: [(path: String, identity: FileIdentity)] = []
        for (name, path) in zip(listing.names, listing.paths) {
            let file = try ReadableFile(path)
            entries.append(Manifest.File(name: name, content: try memory.content(of: file) { try tally.add($0) }))
            identities.append((path, file.identity))
        }
        manifest = try Manifest(isDirectory: listing.isDirectory, files: entries.sorted { $0.isBefore($1) })
        self.identities = identities
    }

    /// Throws ``ContentError/Code/changed`` when a file is another one by now, or was written to since: what was read of it in
    /// between may not be what the manifest says.
    public func requireUnchanged() throws(ContentError) {
        for (path, identity) in identities where FileIdentity(path) != identity {
            throw ContentError(changedAt: path)
        }
    }
}

extension Manifest.File {
    /// The order of a manifest.
    fileprivate func isBefore(_ other: Manifest.File) -> Bool {
        name.utf8.lexicographicallyPrecedes(other.name.utf8)
    }
}
