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
}

/// Files that were read: their manifest, and the open files in its order.
public struct ReadFiles: Sendable {
    /// What they hold.
    public let manifest: Manifest
    /// The files, in the order of the manifest.
    public let files: [ReadableFile]

    /// Opens and reads every file of a listing, or takes from `memory` what it remembers.
    ///
    /// `progress` is told, on any thread, how many bytes of how many were read, and ends the reading by throwing.
    public init(
        _ listing: FileListing, memory: DigestMemory,
        progress: @escaping @Sendable (_ done: Int, _ total: Int) throws -> Void = { _, _ in }
    ) throws {
        let opened = try listing.paths.map { path throws(ContentError) in try ReadableFile(path) }
        let tally = ByteCounter(total: opened.reduce(0) { $0 + $1.size }, progress)
        var entries: [(Manifest.File, ReadableFile)] = []
        for (name, file) in zip(listing.names, opened) {
            let content = try memory.content(of: file) { try tally.add($0) }
            entries.append((Manifest.File(name: name, content: content), file))
        }
        // In the order of the manifest.
        entries.sort { $0.0.name.utf8.lexicographicallyPrecedes($1.0.name.utf8) }
        manifest = try Manifest(isDirectory: listing.isDirectory, files: entries.map(\.0))
        files = entries.map(\.1)
    }
}
