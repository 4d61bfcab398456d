import MAEFiles
import MAEFormats
import MAETensor

/// A file that a checkpoint was read from.
public struct CheckpointFile: Sendable, Hashable {
    /// The path it was opened by.
    public let path: String
    /// Size in bytes when it was opened.
    public let size: Int

    init(path: String, size: Int) {
        self.path = path
        self.size = size
    }

    /// Looks at the size of the file at `path`.
    init(opening path: String) throws(CheckpointError) {
        self.init(path: path, size: try MappedFile(path: path).size)
    }

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
        return file.withUnsafeBytes { SHA256Digest(of: $0) }
    }
}
