import MAETensor

/// The files that a checkpoint consists of, by name and content.
///
/// Its digest names the checkpoint: files of these names and contents are the same checkpoint.
public struct Manifest: Sendable, Hashable {
    /// One file.
    public struct File: Sendable, Hashable {
        /// Name without a folder.
        public let name: String
        /// What it holds.
        public let content: FileContent

        /// Names a content.
        public init(name: String, content: FileContent) {
            self.name = name
            self.content = content
        }
    }

    /// Most files of a checkpoint: those of the largest index of shards that is read, and a few more.
    public static let maximumFileCount = (1 << 12) + 8
    /// Most chunks of all files together: their digests must fit one message.
    public static let maximumChunkCount = 1 << 15
    /// Bytes of a file's name.
    public static let maximumNameLength = 255

    /// Whether the checkpoint is a folder with these files; a single file otherwise.
    public let isDirectory: Bool
    /// The files, by name.
    public let files: [File]
    /// The name of the checkpoint: SHA-256 of ``text``.
    public let digest: SHA256Digest

    /// Takes the files of a checkpoint, in any order.
    ///
    /// Throws ``ContentError/Code/invalidManifest`` for names that lead elsewhere or come twice, for no file, for more
    /// than one where there is no folder, and for more files or chunks than are taken.
    public init(isDirectory: Bool, files: [File]) throws(ContentError) {
        guard isDirectory ? !files.isEmpty : files.count == 1 else {
            throw Self.invalid("lists \(files.count) files; a folder has at least one, and a file is one")
        }
        guard files.count <= Self.maximumFileCount else {
            throw Self.invalid("lists \(files.count) files; at most \(Self.maximumFileCount) are taken")
        }
        let chunkCount = files.reduce(0) { $0 + $1.content.chunks.count }
        guard chunkCount <= Self.maximumChunkCount else {
            let most = Self.maximumChunkCount * FileContent.chunkSize >> 30
            throw Self.invalid("has \(chunkCount) chunks; at most \(Self.maximumChunkCount), \(most) GiB, are taken")
        }
        let sorted = files.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
        for (index, file) in sorted.enumerated() {
            guard Self.isPlainName(file.name) else {
                throw Self.invalid("names a file '\(file.name.prefix(80))', which is no plain name")
            }
            guard index == 0 || sorted[index - 1].name != file.name else {
                throw Self.invalid("names the file '\(file.name)' twice")
            }
        }
        self.isDirectory = isDirectory
        self.files = sorted
        digest = SHA256Digest(of: Self.text(isDirectory: isDirectory, sorted).utf8)
    }

    /// What the digest is taken of: a line for the kind, then one a file with content, size and name.
    public var text: String { Self.text(isDirectory: isDirectory, files) }

    /// Bytes of all files.
    public var size: Int { files.reduce(0) { $0 + $1.content.size } }

    private static func text(isDirectory: Bool, _ files: [File]) -> String {
        files.reduce(into: isDirectory ? "directory\n" : "file\n") { text, file in
            text += "\(file.content.digest) \(file.content.size) \(file.name)\n"
        }
    }

    private static func isPlainName(_ name: String) -> Bool {
        let bytes = name.utf8
        // Control characters would let one line of the text pass for two.
        return (1...maximumNameLength).contains(bytes.count) && name != "." && name != ".."
            && !bytes.contains { $0 < 0x20 || $0 == 0x7F || $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "\\") }
    }

    private static func invalid(_ message: String) -> ContentError {
        ContentError(.invalidManifest, path: "", "the list of a checkpoint's files \(message)")
    }
}
