import MAETensor

/// The records of a zip archive of torch.save, below its one top folder.
struct TorchArchive {
    /// Versions of the archive format that PyTorch 2 reads.
    private static let supportedVersions = 1...10

    let archive: ZipArchive
    /// Name of the top folder, with its slash.
    let folder: String
    let version: String
    /// `little` or `big`; nil when the file does not say (before PyTorch 2.1).
    let byteOrder: String?
    private(set) var findings: [CheckpointFinding] = []

    /// Finds the top folder and checks the small records that describe the archive.
    init(_ archive: ZipArchive) throws(CheckpointError) {
        self.archive = archive
        folder = try Self.topFolder(of: archive)
        if archive.entry(named: folder + "constants.pkl") != nil {
            throw CheckpointError(
                .unsupportedFormat, path: archive.path,
                "is a TorchScript archive (torch.jit.save), which holds code; save its weights: torch.save(torch.jit.load(FILE).state_dict(), OUTPUT)."
            )
        }
        var version = try Self.text("version", in: folder, of: archive)
        if version == nil { version = try Self.text(".data/version", in: folder, of: archive) }
        guard let version
        else {
            throw CheckpointError(
                .malformedFile, path: archive.path, place: "record \(folder)version",
                "is missing, which torch.save always writes. The file is not whole; fetch or save it again.")
        }
        guard let number = Int(version), Self.supportedVersions.contains(number) else {
            throw CheckpointError(
                .unsupportedFormat, path: archive.path, place: "record \(folder)version",
                "says '\(version)', where versions \(Self.supportedVersions.lowerBound) to "
                    + "\(Self.supportedVersions.upperBound) are known; save it with another PyTorch.")
        }
        self.version = version
        byteOrder = try Self.text("byteorder", in: folder, of: archive)
        guard byteOrder == nil || byteOrder == "little" || byteOrder == "big" else {
            throw CheckpointError(
                .malformedFile, path: archive.path, place: "record \(folder)byteorder",
                "says '\(byteOrder ?? "")', not little or big. The file is damaged; fetch or save it again.")
        }
        if !archive.hasChecksums {
            findings.append(
                CheckpointFinding(
                    at: CheckpointLocation(path: archive.path),
                    "has no checksums: every record states CRC 0, as PyTorch writes it with compute_crc32=False. Damage to "
                        + "its bytes would not be noticed."))
        }
        let outside = archive.entries.lazy.filter { [folder] in !$0.name.hasPrefix(folder) }
        if let first = outside.first {
            findings.append(
                CheckpointFinding(
                    at: archive.location(of: first),
                    "\(outside.count) records lie outside the top folder \(folder) and were not read."))
        }
    }

    /// Name of the top folder, without its slash.
    var name: String { String(folder.dropLast()) }

    /// The record of a name below the top folder, or nil.
    func entry(_ name: String) -> ZipEntry? { archive.entry(named: folder + name) }

    /// The pickle of the saved object, its CRC verified.
    func pickle() throws(CheckpointError) -> (ByteView, CheckpointLocation) {
        guard let entry = entry("data.pkl") else { preconditionFailure("the top folder was found by its data.pkl") }
        let limit = PickleBudget.inflatedBytes(fileSize: archive.bytes.count)
        guard entry.isStored || entry.size <= limit else {
            throw CheckpointError(
                .overBudget, at: archive.location(of: entry),
                "inflates to \(entry.size) bytes, where at most \(limit) are read of a compressed archive of this size; pack "
                    + "the archive without compression.")
        }
        return (try archive.verifiedContents(of: entry), archive.location(of: entry))
    }

    /// The small text records that say what wrote the file.
    func producer() throws(CheckpointError) -> [String: String] {
        var facts: [String: String] = [:]
        for name in [".format_version", ".storage_alignment", ".data/serialization_id"] {
            facts[name] = try Self.text(name, in: folder, of: archive)
        }
        return facts
    }

    private static func topFolder(of archive: ZipArchive) throws(CheckpointError) -> String {
        let folders = archive.entries.lazy
            .filter { $0.name.hasSuffix("/data.pkl") && $0.name.utf8.count { $0 == UInt8(ascii: "/") } == 1 }
            .map { String($0.name.dropLast("data.pkl".count)) }
        guard let folder = folders.first else {
            guard !archive.entries.contains(where: { $0.name.hasSuffix("/.data/serialization_id") }) else {
                throw CheckpointError(
                    .unsupportedFormat, path: archive.path,
                    "is what torch.save leaves when it fails before the model is written, as with a lambda or a local "
                        + "function among its hooks. Save the state dict: torch.save(model.state_dict(), FILE).")
            }
            let names = archive.entries.prefix(3).map(\.name).joined(separator: ", ")
            throw CheckpointError(
                .unsupportedFormat, path: archive.path,
                "is a zip archive without a data.pkl in its top folder, so not of torch.save; it holds "
                    + (names.isEmpty ? "nothing." : "\(names). Unpack it and load what is inside."))
        }
        if let other = folders.dropFirst().first {
            throw CheckpointError(
                .malformedFile, path: archive.path,
                "holds two saved objects, in \(folder) and \(other); pack them into two files.")
        }
        return folder
    }

    /// The text of a small record without surrounding space, its CRC verified; nil when there is none.
    private static func text(
        _ name: String, in folder: String, of archive: ZipArchive
    ) throws(CheckpointError) -> String? {
        guard let entry = archive.entry(named: folder + name) else { return nil }
        guard entry.size <= 1024 else {
            throw CheckpointError(
                .malformedFile, at: archive.location(of: entry), "has \(entry.size) bytes where a word is expected.")
        }
        let text = String(decoding: try archive.verifiedContents(of: entry).bytes, as: UTF8.self)
        return String(text.split(whereSeparator: \.isWhitespace).joined(separator: " "))
    }
}
