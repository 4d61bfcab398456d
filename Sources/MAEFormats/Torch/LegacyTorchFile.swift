/// A file of torch.save before PyTorch 1.6, after `_legacy_load` of `torch/serialization.py`.
///
/// Four pickles follow one another: a magic number, the protocol version, facts about the machine, and the saved object.
/// A fifth lists the keys of the storages, whose bytes come last, in this order, each behind its count of elements.
struct LegacyTorchFile {
    private static let protocolVersion: Int64 = 1001

    let path: String
    let root: PickleValue
    let byteOrder: String?
    let version: String?
    let findings: [CheckpointFinding]

    init(_ bytes: ByteView, path: String) throws(CheckpointError) {
        let file = CheckpointLocation(path: path)
        var none = NoPersistentObjects()
        let magic: PickleReader.Reading
        do {
            magic = try PickleReader.read(bytes, of: file, objects: &none)
        } catch  where error.code != .overBudget {
            throw CheckpointError(
                .unsupportedFormat, path: path, place: error.place,
                "begins like a pickle but is no file of torch.save. \(error.message)")
        }
        guard case .bigInteger(LegacyMagic.bytes) = magic.root else {
            throw CheckpointError(
                .unsupportedFormat, path: path,
                "is a plain pickle of \(magic.root.kind), not a file of torch.save; save the object with torch.save.")
        }
        let version = try PickleReader.read(bytes, from: magic.end, of: file, objects: &none)
        guard case .int(Self.protocolVersion) = version.root else {
            throw CheckpointError(
                .unsupportedFormat, path: path, place: "byte \(magic.end)",
                "has the magic number of torch.save but not protocol version \(Self.protocolVersion). The file is "
                    + "damaged; fetch or save it again.")
        }
        let machine = try PickleReader.read(bytes, from: version.end, of: file, objects: &none)
        // The storages come after the pickle that names them: it is read once for their sizes and once for good.
        let budget = PickleBudget(fileSize: bytes.count)
        var sizes = LegacyStorageSizes()
        // Of the first reading only its end is kept, not its objects.
        let end = try PickleReader.read(bytes, from: machine.end, of: file, objects: &sizes, budget: budget).end
        let keys = try PickleReader.read(bytes, from: end, of: file, objects: &none, budget: budget)
        var storages = try LegacyStorages(sizes, keys: keys.root, in: bytes, from: keys.end, path: path)
        let object = try PickleReader.read(bytes, from: machine.end, of: file, objects: &storages, budget: budget)
        var findings = object.findings
        if storages.end < bytes.count {
            findings.append(
                CheckpointFinding(
                    at: CheckpointLocation(path: path, place: "byte \(storages.end)"),
                    "\(bytes.count - storages.end) bytes after the last storage."))
        }
        self.path = path
        self.version = String(Self.protocolVersion)
        self.findings = findings
        root = object.root
        // The storages are little-endian on every machine; the record says what wrote them.
        byteOrder = machine.root["little_endian"]?.bool.map { $0 ? "little" : "big" }
    }
}
