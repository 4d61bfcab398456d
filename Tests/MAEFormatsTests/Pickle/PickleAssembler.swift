import MAETensor

@testable import MAEFormats

/// Writes pickles opcode by opcode, right ones and wrong ones.
struct PickleAssembler: Sendable {
    private(set) var bytes: [UInt8]

    /// Begins a pickle of a protocol.
    init(protocolVersion: UInt8 = 2) { bytes = [PickleOpcode.proto.rawValue, protocolVersion] }

    /// Appends opcodes without arguments.
    func op(_ opcodes: PickleOpcode...) -> PickleAssembler { raw(opcodes.map(\.rawValue)) }

    /// Appends an opcode and the bytes of its argument.
    func op(_ opcode: PickleOpcode, _ argument: [UInt8]) -> PickleAssembler { raw([opcode.rawValue] + argument) }

    /// Appends an opcode and the lines of its argument.
    func op(_ opcode: PickleOpcode, line: String) -> PickleAssembler { op(opcode, Array(line.utf8) + [0x0A]) }

    /// Appends an opcode and the two lines of its argument.
    func op(_ opcode: PickleOpcode, lines first: String, _ second: String) -> PickleAssembler {
        op(opcode, Array("\(first)\n\(second)\n".utf8))
    }

    func raw(_ bytes: [UInt8]) -> PickleAssembler {
        var copy = self
        copy.bytes += bytes
        return copy
    }

    func repeating(_ count: Int, _ part: (PickleAssembler) -> PickleAssembler) -> PickleAssembler {
        var empty = self
        empty.bytes = []
        let repeated = part(empty).bytes
        var copy = self
        copy.bytes.reserveCapacity(bytes.count + count * repeated.count)
        for _ in 0..<count { copy.bytes += repeated }
        return copy
    }

    func string(_ text: String) -> PickleAssembler {
        var length: [UInt8] = []
        length.append(little: UInt32(text.utf8.count))
        return op(.binUnicode, length + text.utf8)
    }

    func int(_ value: Int) -> PickleAssembler {
        var bytes: [UInt8] = [8]
        bytes.append(little: Int64(value))
        return op(.long1, bytes)
    }

    func ints(_ values: [Int]) -> PickleAssembler {
        values.reduce(op(.mark)) { $0.int($1) }.op(.tuple)
    }

    func global(_ module: String, _ name: String) -> PickleAssembler { op(.global, lines: module, name) }

    /// The persistent id of a storage.
    func storage(
        _ key: String = "0", _ type: String = "FloatStorage", device: String = "cpu", count: Int
    ) -> PickleAssembler {
        op(.mark).string("storage").global("torch", type).string(key).string(device).int(count)
            .op(.tuple, .binPersistentID)
    }

    /// A tensor over the storage that `storage` puts on the stack.
    func tensor(
        _ shape: [Int], _ strides: [Int], offset: Int = 0, _ storage: (PickleAssembler) -> PickleAssembler
    ) -> PickleAssembler {
        storage(global("torch._utils", "_rebuild_tensor_v2").op(.mark)).int(offset).ints(shape).ints(strides)
            .op(.newFalse).global("collections", "OrderedDict").op(.emptyTuple, .reduce).op(.tuple, .reduce)
    }

    /// Reads the pickle after a STOP.
    func read(budget: PickleBudget = PickleBudget()) throws -> PickleValue {
        try reading(budget: budget).root
    }

    /// Reads the pickle after a STOP, with findings.
    func reading(budget: PickleBudget = PickleBudget()) throws -> PickleReader.Reading {
        var objects = NoPersistentObjects()
        return try PickleReader.read(
            ByteView(copying: op(.stop).bytes), of: CheckpointLocation(path: "x.pth", place: "record a/data.pkl"),
            objects: &objects, budget: budget)
    }
}
