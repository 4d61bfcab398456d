import MAEFiles
import MAEFormats
import MAETensor

/// A file that a checkpoint was read from.
public struct CheckpointFile: Sendable, Hashable {
    /// The path it was opened by.
    public let path: String
    /// Size in bytes when it was opened.
    public let size: Int

    /// The file as it is read.
    private let mapped: MappedFile

    /// A file that is read.
    init(_ mapped: MappedFile) {
        path = mapped.path
        size = mapped.size
        self.mapped = mapped
    }

    /// Opens the file at `path`.
    init(opening path: String) throws(CheckpointError) { self.init(try MappedFile(path: path)) }

    /// Throws ``CheckpointError/Code/contradiction`` when bytes that were read were not there any more; takes no time.
    func requireWhole() throws(CheckpointError) { try mapped.requireWhole() }

    /// Throws ``CheckpointError/Code/contradiction`` when the file was cut short or written to since it was opened.
    func requireUnchanged() throws(CheckpointError) { try mapped.requireUnchanged() }

    /// SHA-256 of the whole file, read now.
    ///
    /// Throws ``CheckpointError/Code/contradiction`` when its size has changed since the checkpoint was opened.
    public func sha256() throws(CheckpointError) -> SHA256Digest {
        let file = try MappedFile(path: path)
        guard file.size == size else {
            throw CheckpointError(
                .contradiction, path: path,
                "had \(size) bytes when it was opened and has \(file.size) now. Load the checkpoint again.")
        }
        return try file.read { () throws(CheckpointError) in file.withUnsafeBytes { SHA256Digest(of: $0) } }
    }

    /// Whether path and size are equal.
    public static func == (one: CheckpointFile, other: CheckpointFile) -> Bool {
        one.path == other.path && one.size == other.size
    }

    /// Hashes path and size.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(path)
        hasher.combine(size)
    }
}
