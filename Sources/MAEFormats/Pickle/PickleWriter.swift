/// Writes a pickle of protocol 2, with tensors in the manner of torch.save.
///
/// Strings and names are written once and recalled from the memo after that, as Python does. The tree is our own, so the
/// writer may recurse into it.
struct PickleWriter {
    private static let protocolVersion: UInt8 = 2
    /// Entries between two SETITEMS, as in CPython's pickler.
    private static let batchSize = 1000

    private enum MemoKey: Hashable {
        /// By code units: Swift holds strings equal that Python tells apart.
        case string([UInt8])
        case global(PickleGlobal)
        case shared(ObjectIdentifier)
    }

    /// A storage is one stretch of memory.
    private struct Region: Hashable {
        let address: UInt
        let count: Int
    }

    /// The pickle.
    private(set) var bytes: [UInt8] = []
    /// One tensor for each storage, in the order of their keys `0`, `1`, ….
    private(set) var storages: [PickledTensor] = []
    private var memo: [MemoKey: Int] = [:]
    private var memoCount = 0
    private var keys: [Region: Int] = [:]

    /// Writes `root`.
    init(_ root: PickleExpression) {
        emit(.proto)
        bytes.append(Self.protocolVersion)
        write(root)
        emit(.stop)
    }

    private mutating func write(_ expression: PickleExpression) {
        switch expression {
        case .none: emit(.none)
        case .bool(let value): emit(value ? .newTrue : .newFalse)
        case .int(let value): write(value)
        case .float(let value):
            emit(.binFloat)
            bytes.append(little: value.bitPattern.byteSwapped)
        case .string(let text): write(text)
        case .list(let elements):
            emit(.emptyList)
            for batch in elements.batches(of: Self.batchSize) {
                emit(.mark)
                for element in batch { write(element) }
                emit(.appends)
            }
        case .tuple(let elements): writeTuple(elements)
        case .dictionary(let entries):
            emit(.emptyDictionary)
            writeEntries(entries)
        case .global(let global): write(global)
        case .call(let global, let arguments):
            write(global)
            writeTuple(arguments)
            emit(.reduce)
        case .object(let type, let state):
            write(type)
            emit(.emptyTuple)
            emit(.newObject)
            writeState(state)
        case .orderedDictionary(let entries, let state):
            write(.call(PickleGlobal(module: "collections", name: "OrderedDict"), []))
            writeEntries(entries)
            writeState(state)
        case .tensor(let tensor): write(tensor)
        case .shared(let shared):
            writeOnce(.shared(ObjectIdentifier(shared))) { $0.write(shared.expression) }
        }
    }

    private mutating func write(_ value: Int) {
        if let value = UInt8(exactly: value) {
            emit(.binInt1)
            bytes.append(value)
        } else if let value = UInt16(exactly: value) {
            emit(.binInt2)
            bytes.append(little: value)
        } else if let value = Int32(exactly: value) {
            emit(.binInt)
            bytes.append(little: value)
        } else {
            emit(.long1)
            bytes.append(UInt8(MemoryLayout<Int64>.size))
            bytes.append(little: Int64(value))
        }
    }

    private mutating func write(_ text: String) {
        writeOnce(.string(Array(text.utf8))) { writer in
            writer.emit(.binUnicode)
            writer.bytes.append(little: UInt32(text.utf8.count))
            writer.bytes += text.utf8
        }
    }

    private mutating func write(_ global: PickleGlobal) {
        writeOnce(.global(global)) { writer in
            writer.emit(.global)
            writer.bytes += "\(global.module)\n\(global.name)\n".utf8
        }
    }

    private mutating func writeTuple(_ elements: [PickleExpression]) {
        if elements.count > 3 { emit(.mark) }
        for element in elements { write(element) }
        switch elements.count {
        case 0: emit(.emptyTuple)
        case 1: emit(.tuple1)
        case 2: emit(.tuple2)
        case 3: emit(.tuple3)
        default: emit(.tuple)
        }
    }

    private mutating func writeEntries(_ entries: [(key: PickleExpression, value: PickleExpression)]) {
        for batch in entries.batches(of: Self.batchSize) {
            emit(.mark)
            for entry in batch {
                write(entry.key)
                write(entry.value)
            }
            emit(.setItems)
        }
    }

    private mutating func writeState(_ state: PickleExpression?) {
        guard let state else { return }
        write(state)
        emit(.build)
    }

    /// `torch._utils._rebuild_tensor_v2(storage, 0, size, stride, requires_grad, backward_hooks)`, or
    /// `_rebuild_tensor_v3(…, dtype)` where no class of storages has the type, and for a parameter
    /// `_rebuild_parameter(tensor, requires_grad, backward_hooks)` around it.
    private mutating func write(_ tensor: PickledTensor) {
        let hooks = PickleExpression.orderedDictionary([], state: nil)
        if tensor.isParameter {
            write(PickleGlobal(module: "torch._utils", name: "_rebuild_parameter"))
        }
        let isTyped = tensor.dtype.torchStorageClass != nil
        write(PickleGlobal(module: "torch._utils", name: isTyped ? "_rebuild_tensor_v2" : "_rebuild_tensor_v3"))
        emit(.mark)
        writeStorage(of: tensor)
        write(0)
        writeTuple(tensor.shape.map(PickleExpression.int))
        writeTuple(tensor.strides.map(PickleExpression.int))
        write(.bool(false))
        write(hooks)
        if !isTyped { write(PickleGlobal(module: "torch", name: tensor.dtype.rawValue)) }
        emit(.tuple)
        emit(.reduce)
        if tensor.isParameter {
            write(.bool(tensor.requiresGradient))
            write(hooks)
            emit(.tuple3)
            emit(.reduce)
        }
    }

    /// The persistent id `('storage', torch.FloatStorage, key, 'cpu', count)`.
    private mutating func writeStorage(of tensor: PickledTensor) {
        let region = tensor.withUnsafeBytes { Region(address: UInt(bitPattern: $0.baseAddress), count: $0.count) }
        let key: Int
        // Storages without bytes may lie anywhere: they are not shared, whatever their address.
        if region.count > 0, let known = keys[region] {
            key = known
        } else {
            key = storages.count
            storages.append(tensor)
            keys[region] = key
        }
        let type = tensor.dtype.torchStorageClass.map { PickleExpression.global("torch", $0) }
        writeTuple([
            .string("storage"), type ?? .global("torch.storage", "UntypedStorage"), .string(String(key)),
            .string("cpu"), .int(region.count / (type == nil ? 1 : tensor.dtype.byteWidth)),
        ])
        emit(.binPersistentID)
    }

    /// Writes an object the first time and recalls it from the memo after that.
    private mutating func writeOnce(_ key: MemoKey, _ body: (inout PickleWriter) -> Void) {
        if let index = memo[key] {
            emit(index <= UInt8.max ? .binGet : .longBinGet)
            appendMemoIndex(index)
            return
        }
        body(&self)
        let index = memoCount
        memoCount += 1
        memo[key] = index
        emit(index <= UInt8.max ? .binPut : .longBinPut)
        appendMemoIndex(index)
    }

    private mutating func appendMemoIndex(_ index: Int) {
        if let index = UInt8(exactly: index) { bytes.append(index) } else { bytes.append(little: UInt32(index)) }
    }

    private mutating func emit(_ opcode: PickleOpcode) { bytes.append(opcode.rawValue) }
}

extension Array {
    /// The elements in slices of at most `size`.
    fileprivate func batches(of size: Int) -> [ArraySlice<Element>] {
        stride(from: 0, to: count, by: size).map { self[$0..<Swift.min($0 + size, count)] }
    }
}
