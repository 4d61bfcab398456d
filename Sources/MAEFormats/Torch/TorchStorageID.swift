import MAETensor

/// The persistent id of a storage: `('storage', class, key, location, count)`, after `torch/serialization.py`.
struct TorchStorageID {
    /// Name of the storage in its file.
    let key: String
    /// Class of the storage by its name in PyTorch, such as `FloatStorage`.
    let storageClass: String
    /// The device it was saved from.
    let device: String
    /// Number of elements.
    let count: Int
    /// In legacy files, the part of the storage that is meant: (key, offset, count) in elements.
    let view: (key: String, offset: Int, count: Int)?

    /// Reads the id; throws for everything that is not an id of a storage.
    init(_ identifier: PickleSlot, in machine: inout PickleMachine) throws(CheckpointError) {
        guard case .tuple = identifier else {
            throw machine.cursor.malformed("The name of an object outside the pickle is no tuple.")
        }
        guard let parts = machine.parts(of: identifier, count: 5...6), machine.text(parts[0]) == "storage",
            case .global(let type) = parts[1], let key = machine.text(parts[2]), let device = machine.text(parts[3]),
            case .int(let count) = parts[4]
        else {
            throw machine.cursor.malformed("The name of an object outside the pickle is not that of a storage.")
        }
        // One long key may name a storage any number of times, and is looked up each time.
        try machine.takeSteps(key.utf8.count >> 3)
        let name = machine.heap.globals[type]
        guard ["torch", "torch.cuda", "torch.storage"].contains(name.module), name.name.hasSuffix("Storage") else {
            throw machine.cursor.malformed("'\(name.qualifiedName)' is no class of storages.")
        }
        guard !key.isEmpty, key != ".", key != "..", !key.utf8.contains(UInt8(ascii: "/")), !key.utf8.contains(0) else {
            throw machine.cursor.malformed("'\(key)' is no name of a storage.")
        }
        guard count >= 0 else { throw machine.cursor.malformed("A storage of \(count) elements.") }
        self.key = key
        self.device = device
        self.count = Int(count)
        storageClass = name.name
        view = try parts.count == 6 ? Self.view(parts[5], in: machine) : nil
    }

    /// Element type of the storage; nil when it is untyped or not read here.
    var dtype: DType? { DType(torchStorageClass: storageClass) }

    /// Whether elements of this class are read; others are only skipped.
    var isRead: Bool { dtype != nil || storageClass == "UntypedStorage" }

    /// Bytes an element takes; nil for a class that is not known at all.
    var byteWidth: Int? { dtype?.byteWidth ?? Self.otherWidths[storageClass] }

    private static let otherWidths = [
        "UntypedStorage": 1, "ComplexFloatStorage": 8, "ComplexDoubleStorage": 16, "QInt8Storage": 1,
        "QUInt8Storage": 1,
        "QInt32Storage": 4, "QUInt4x2Storage": 1, "QUInt2x4Storage": 1,
    ]

    /// Bytes the storage takes; throws when they do not fit an `Int`.
    func byteCount(width: Int, in machine: PickleMachine) throws(CheckpointError) -> Int {
        let (bytes, overflow) = count.multipliedReportingOverflow(by: width)
        guard !overflow else { throw machine.cursor.malformed("A storage of \(count) elements.") }
        return bytes
    }

    private static func view(
        _ slot: PickleSlot, in machine: PickleMachine
    ) throws(CheckpointError) -> (key: String, offset: Int, count: Int)? {
        if slot == .none { return nil }
        guard case .tuple = slot, let parts = machine.parts(of: slot, count: 3...3), let key = machine.text(parts[0]),
            case .int(let offset) = parts[1], case .int(let count) = parts[2], offset >= 0, count >= 0
        else { throw machine.cursor.malformed("The part of a storage is not described by a key, offset and size.") }
        return (key, Int(offset), Int(count))
    }
}

extension PickleMachine {
    /// Makes a storage in the heap.
    mutating func makeStorage(_ storage: PickleStorage) throws(CheckpointError) -> PickleSlot {
        try takeMemory(PickleCost.storage(textSize: storage.key.utf8.count + storage.device.utf8.count))
        heap.storages.append(storage)
        return .storage(heap.storages.count - 1)
    }

    /// An object that stands for a storage whose elements are not read; `identifier` must be a ``TorchStorageID``.
    mutating func makeUnreadStorage(_ identifier: PickleSlot) throws(CheckpointError) -> PickleSlot {
        guard case .tuple(let index) = identifier else { preconditionFailure("the id of a storage is a tuple") }
        return try makeObject(heap.tuples[index, 1], identifier, isCall: true)
    }
}
