import MAETensor

/// The storages of an archive of torch.save, each a record `data/KEY`.
struct TorchArchiveStorages: PersistentObjects {
    private let archive: TorchArchive
    private var known: [String: TensorStorage] = [:]
    /// Bytes that were inflated or swapped, so that they take memory.
    private var copiedBytes = 0

    init(_ archive: TorchArchive) { self.archive = archive }

    mutating func resolve(
        _ identifier: PickleSlot, for machine: inout PickleMachine
    ) throws(CheckpointError) -> PickleSlot {
        let id = try TorchStorageID(identifier, in: &machine)
        guard let entry = archive.entry("data/" + id.key) else {
            throw machine.cursor.malformed("The record \(archive.folder)data/\(id.key) is missing.")
        }
        guard id.isRead, let width = id.byteWidth else {
            machine.note("the \(id.storageClass) in record \(entry.name) holds elements that are not read here.")
            return try machine.makeUnreadStorage(identifier)
        }
        let byteCount = try id.byteCount(width: width, in: machine)
        guard byteCount == entry.size else {
            throw machine.cursor.malformed(
                "Record \(entry.name) has \(entry.size) bytes where \(id.count) elements of \(id.storageClass) take "
                    + "\(byteCount).")
        }
        return try machine.makeStorage(
            PickleStorage(
                key: id.key, dtype: id.dtype, device: id.device, storage: try storage(id, entry, width: width),
                location: archive.archive.location(of: entry)))
    }

    private mutating func storage(
        _ id: TorchStorageID, _ entry: ZipEntry, width: Int
    ) throws(CheckpointError) -> TensorStorage {
        let isSwapped = archive.byteOrder == "big" && width > 1
        // The same record read as elements of another width would be swapped in another way.
        let name = isSwapped ? "\(id.key)/\(width)" : id.key
        if let storage = known[name] { return storage }
        if isSwapped || !entry.isStored {
            copiedBytes += entry.size
            guard copiedBytes <= archive.archive.inflatedByteBudget else {
                throw CheckpointError(
                    .overBudget, at: archive.archive.location(of: entry),
                    "the compressed or byte-swapped storages take more than \(archive.archive.inflatedByteBudget) bytes; "
                        + "save the file again on a little-endian machine, without compression.")
            }
        }
        if isSwapped, id.dtype == nil {
            throw CheckpointError(
                .unsupportedFormat, at: archive.archive.location(of: entry),
                "is untyped and written on a big-endian machine; save the file again on a little-endian one.")
        }
        let content = try archive.archive.contents(of: entry)
        let storage = isSwapped ? content.swapped(width: width) : content.tensorStorage
        known[name] = storage
        return storage
    }
}

extension ByteView {
    /// The bytes with every group of `width` in the opposite order.
    fileprivate func swapped(width: Int) -> TensorStorage {
        withUnsafeBytes { source in
            TensorStorage(byteCount: source.count) { target in
                for offset in source.indices {
                    target[offset] = source[offset / width * width + (width - 1 - offset % width)]
                }
            }
        }
    }
}
