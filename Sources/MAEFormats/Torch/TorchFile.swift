import MAETensor

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
    /// Facts about the writing program, as the file gives them, such as the top folder of the archive.
    public let producer: [String: String]
    /// Oddities that did not stop the reading.
    public let findings: [CheckpointFinding]
    private let archive: ZipArchive?

    /// Maps the file at `path` and reads its object graph; tensors stay in the mapped file until they are asked for.
    ///
    /// The format is told by content. Throws ``CheckpointError`` for everything that is not a whole, well-formed file.
    /// Of an archive, the CRC of the pickle, of the small records and of deflated records is verified here; that of
    /// the storages only by ``verifyChecksums()``, because it means reading the whole file.
    public static func open(_ path: String) throws(CheckpointError) -> TorchFile {
        try read(try MappedFile(path: path).contents, path: path)
    }

    /// Verifies the CRC of every stored record of an archive, on all cores; throws for the first that does not match.
    ///
    /// Reads the whole file. Deflated records were verified when they were inflated; those that no tensor is in are not read.
    /// A legacy file has no checksums and passes.
    public func verifyChecksums() throws(CheckpointError) {
        try PendingChecksums(unverified).verifyAll()
    }

    /// The records whose CRC was not verified yet.
    package var unverified: [UnverifiedRecord] {
        guard let archive else { return [] }
        return archive.entries.lazy.filter(\.isStored).map { UnverifiedRecord(entry: $0, archive: archive) }
    }

    /// Reads the file whose content is `bytes`.
    package static func read(_ bytes: ByteView, path: String) throws(CheckpointError) -> TorchFile {
        switch ContentKind(of: bytes) {
        case .zip: return try TorchFile(TorchArchive(try ZipArchive(bytes, path: path)))
        case .pickle: return try TorchFile(try LegacyTorchFile(bytes, path: path))
        case .empty:
            throw CheckpointError(.unsupportedFormat, path: path, "is empty; fetch or save it again.")
        case .safetensors:
            throw CheckpointError(
                .unsupportedFormat, path: path, "is a safetensors file, not one of torch.save; load it as a state dict."
            )
        case .other(let name, let remedy):
            throw CheckpointError(.unsupportedFormat, path: path, "is \(name), not a checkpoint. \(remedy)")
        case .unknown where ZipDirectoryEnd.isPresent(in: bytes):
            throw CheckpointError(
                .malformedFile, path: path, place: "byte 0",
                "is a zip archive with other bytes before it. Remove them, or fetch or save the file again.")
        case .unknown:
            throw CheckpointError(
                .unsupportedFormat, path: path,
                "is no file of torch.save: it begins neither as a zip archive nor as a pickle. Fetch or save it again.")
        }
    }

    private init(_ torch: TorchArchive) throws(CheckpointError) {
        let (pickle, location) = try torch.pickle()
        var storages = TorchArchiveStorages(torch)
        let budget = PickleBudget(fileSize: torch.archive.bytes.count)
        let reading = try PickleReader.read(pickle, of: location, objects: &storages, budget: budget)
        var findings = torch.findings + reading.findings
        if reading.end < pickle.count {
            findings.append(
                CheckpointFinding(at: location, "\(pickle.count - reading.end) bytes after the end of the pickle."))
        }
        path = torch.archive.path
        format = .zipArchive
        root = reading.root
        byteOrder = torch.byteOrder
        version = torch.version
        producer = try torch.producer().merging(["folder": torch.name]) { $1 }
        self.findings = findings
        archive = torch.archive
    }

    private init(_ legacy: LegacyTorchFile) throws(CheckpointError) {
        path = legacy.path
        format = .legacy
        root = legacy.root
        byteOrder = legacy.byteOrder
        version = legacy.version
        producer = [:]
        findings = legacy.findings
        archive = nil
    }
}
