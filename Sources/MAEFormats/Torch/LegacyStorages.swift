import MAETensor

/// The first reading of a legacy file: which storages there are and how many bytes each element takes.
struct LegacyStorageSizes: PersistentObjects {
    /// Element count and width of each storage, by the first mention of its key; width nil when its class is not known.
    private(set) var storages: [String: (count: Int, width: Int?, storageClass: String)] = [:]

    mutating func resolve(
        _ identifier: PickleSlot, for machine: inout PickleMachine
    ) throws(CheckpointError) -> PickleSlot {
        if let type = LegacyModule.type(identifier, in: machine) { return type }
        let id = try TorchStorageID(identifier, in: &machine)
        if storages[id.key] == nil { storages[id.key] = (id.count, id.byteWidth, id.storageClass) }
        return try machine.makeUnreadStorage(identifier)
    }
}

/// The persistent id of the class of a module: `('module', class, source file, source)`.
enum LegacyModule {
    /// The class, or nil when this is the id of something else.
    static func type(_ identifier: PickleSlot, in machine: PickleMachine) -> PickleSlot? {
        guard case .tuple = identifier, let parts = machine.parts(of: identifier, count: 4...4),
            machine.text(parts[0]) == "module", case .global = parts[1]
        else { return nil }
        return parts[1]
    }
}

/// The storages of a legacy file, which lie one after another at its end.
struct LegacyStorages: PersistentObjects {
    /// Offset of the byte after the last storage.
    let end: Int
    private let path: String
    private let views: [String: (bytes: ByteView, location: CheckpointLocation)]
    private var known: [LegacyPart: TensorStorage] = [:]

    private struct LegacyPart: Hashable {
        let key: String
        let offset: Int
        let count: Int
    }

    /// Finds the bytes of the storages `keys` names, in its order, from byte `start` on.
    init(
        _ sizes: LegacyStorageSizes, keys: PickleValue, in bytes: ByteView, from start: Int, path: String
    ) throws(CheckpointError) {
        let malformed = { (offset: Int, message: String) in
            CheckpointError(
                .malformedFile, path: path, place: "byte \(offset)",
                message + " The file is cut off or damaged; fetch or save it again.")
        }
        guard case .list(let keys) = keys else { throw malformed(start, "The list of storages is \(keys.kind).") }
        var views: [String: (bytes: ByteView, location: CheckpointLocation)] = [:]
        var offset = start
        for key in keys {
            guard let key = key.string, let size = sizes.storages[key], views[key] == nil else {
                throw malformed(start, "The list of storages names one that no tensor uses, or one twice.")
            }
            guard let width = size.width else {
                throw CheckpointError(
                    .unsupportedFormat, path: path, place: "byte \(offset)",
                    "a \(size.storageClass), whose size is not known here; save the file with PyTorch 1.6 or later.")
            }
            guard let count = bytes.load(at: offset, as: Int64.self).flatMap(Int.init(exactly:)), count == size.count
            else {
                throw malformed(offset, "Storage \(key) does not have the \(size.count) elements that are announced.")
            }
            let (byteCount, overflow) = count.multipliedReportingOverflow(by: width)
            guard !overflow, let view = bytes.slice(at: offset + 8, count: byteCount) else {
                throw malformed(offset, "Storage \(key) of \(count) elements reaches past the end of the file.")
            }
            views[key] = (view, CheckpointLocation(path: path, place: "storage \(key) at byte \(offset + 8)"))
            offset += 8 + byteCount
        }
        if let missing = sizes.storages.keys.filter({ views[$0] == nil }).min() {
            throw malformed(start, "The list of storages lacks \(missing).")
        }
        self.views = views
        self.path = path
        end = offset
    }

    mutating func resolve(
        _ identifier: PickleSlot, for machine: inout PickleMachine
    ) throws(CheckpointError) -> PickleSlot {
        if let type = LegacyModule.type(identifier, in: machine) { return type }
        let id = try TorchStorageID(identifier, in: &machine)
        guard let whole = views[id.key], let width = id.byteWidth,
            try id.byteCount(width: width, in: machine) == whole.bytes.count
        else { throw machine.cursor.malformed("Storage \(id.key) is described in two ways.") }
        guard id.isRead else {
            machine.note("the \(id.storageClass) \(id.key) holds elements that are not read here.")
            return try machine.makeUnreadStorage(identifier)
        }
        var part = LegacyPart(key: id.key, offset: 0, count: whole.bytes.count)
        if let view = id.view {
            let (offset, offsetOverflow) = view.offset.multipliedReportingOverflow(by: width)
            let (count, countOverflow) = view.count.multipliedReportingOverflow(by: width)
            guard !offsetOverflow, !countOverflow else { throw machine.cursor.malformed("A part beyond its storage.") }
            part = LegacyPart(key: id.key, offset: offset, count: count)
        }
        let storage: TensorStorage
        if let seen = known[part] {
            storage = seen
        } else {
            guard let view = whole.bytes.slice(at: part.offset, count: part.count) else {
                throw machine.cursor.malformed("A part beyond its storage.")
            }
            storage = view.tensorStorage
            known[part] = storage
        }
        return try machine.makeStorage(
            PickleStorage(
                key: id.view?.key ?? id.key, dtype: id.dtype, device: id.device, storage: storage,
                location: whole.location))
    }
}
