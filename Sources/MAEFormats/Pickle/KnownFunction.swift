/// The functions and classes whose calls are understood, matched by exact name; all others stay symbols.
enum KnownFunction: Sendable {
    case makeDictionary, makeDefaultDictionary, makeSet, makeList, makeTuple
    case encodeBytes, reconstruct, newObject
    case makeSize, makeDevice
    case numpyType, makeScalar
    case rebuildTensor, rebuildTensorV2, rebuildTensorV3, rebuildFromType
    case rebuildParameter, rebuildParameterWithState, rebuildDeviceTensor, rebuildFromArray

    init?(_ name: PickleGlobal) {
        guard let function = Self.byName[name.qualifiedName] else { return nil }
        // `a.b` of `c` and `b.c` of `a` read alike: only the first is how Python writes a function of a module.
        guard !name.name.contains(".") else { return nil }
        self = function
    }

    private static let byName: [String: KnownFunction] = [
        "collections.OrderedDict": .makeDictionary,
        "collections.defaultdict": .makeDefaultDictionary,
        "builtins.dict": .makeDictionary, "__builtin__.dict": .makeDictionary,
        "builtins.set": .makeSet, "__builtin__.set": .makeSet,
        "builtins.frozenset": .makeSet, "__builtin__.frozenset": .makeSet,
        "builtins.list": .makeList, "__builtin__.list": .makeList,
        "builtins.tuple": .makeTuple, "__builtin__.tuple": .makeTuple,
        "_codecs.encode": .encodeBytes,
        "copy_reg._reconstructor": .reconstruct, "copyreg._reconstructor": .reconstruct,
        "copy_reg.__newobj__": .newObject, "copyreg.__newobj__": .newObject,
        "numpy.dtype": .numpyType,
        "numpy.core.multiarray.scalar": .makeScalar, "numpy._core.multiarray.scalar": .makeScalar,
        "torch.Size": .makeSize,
        "torch.device": .makeDevice,
        "torch._utils._rebuild_tensor": .rebuildTensor,
        "torch._utils._rebuild_tensor_v2": .rebuildTensorV2,
        "torch._utils._rebuild_tensor_v3": .rebuildTensorV3,
        "torch._tensor._rebuild_from_type_v2": .rebuildFromType,
        "torch._utils._rebuild_parameter": .rebuildParameter,
        "torch._utils._rebuild_parameter_with_state": .rebuildParameterWithState,
        "torch._utils._rebuild_device_tensor_from_cpu_tensor": .rebuildDeviceTensor,
        "torch._utils._rebuild_device_tensor_from_numpy": .rebuildFromArray,
        "torch._utils._rebuild_xla_tensor": .rebuildFromArray,
    ]
}

extension PickleMachine {
    /// The result of a known call, or nil when its arguments are of a kind that is not understood.
    mutating func evaluate(_ function: KnownFunction, argumentsIn tuple: Int) throws(CheckpointError) -> PickleSlot? {
        // One tuple may be the arguments of any number of calls.
        try takeSteps(heap.tuples.count(of: tuple))
        switch function {
        // Files have millions of these: no arguments are copied.
        case .encodeBytes: return try evaluateEncoding(tuple)
        case .makeScalar: return try evaluateScalar(tuple)
        default: return try evaluate(function, Array(heap.tuples[tuple]))
        }
    }

    private mutating func evaluate(
        _ function: KnownFunction, _ arguments: [PickleSlot]
    ) throws(CheckpointError) -> PickleSlot? {
        switch function {
        case .makeDictionary: return try evaluateDictionary(arguments)
        case .makeDefaultDictionary: return try evaluateDictionary(Array(arguments.dropFirst()))
        case .makeSet:
            return try elements(ofOnly: arguments).map { elements throws(CheckpointError) in try makeSet(elements) }
        case .makeList:
            return try elements(ofOnly: arguments).map { elements throws(CheckpointError) in try makeList(elements) }
        case .makeTuple:
            return try elements(ofOnly: arguments).map { elements throws(CheckpointError) in try makeTuple(elements) }
        case .reconstruct:
            // (class, base, state of the base): protocols 0 and 1 make every plain object this way.
            guard arguments.count == 3 else { return nil }
            return try makeObject(arguments[0], try makeTuple([]), isCall: false)
        case .newObject:
            guard let type = arguments.first else { return nil }
            return try makeObject(type, try makeTuple(arguments.dropFirst()), isCall: false)
        case .makeSize:
            guard arguments.count == 1, let extents = try integers(arguments[0]) else { return nil }
            return try makeSize(extents)
        case .makeDevice: return try evaluateDevice(arguments)
        // An object until a scalar or an array is made of it.
        case .numpyType: return nil
        case .encodeBytes, .makeScalar: preconditionFailure("\(function) takes its arguments where they are")
        case .rebuildTensor, .rebuildTensorV2, .rebuildTensorV3, .rebuildFromType, .rebuildParameter,
            .rebuildParameterWithState, .rebuildDeviceTensor, .rebuildFromArray:
            return try rebuild(function, arguments)
        }
    }

    private mutating func evaluateDictionary(_ arguments: [PickleSlot]) throws(CheckpointError) -> PickleSlot? {
        guard let pairs = elements(ofOnly: arguments) else { return nil }
        // One container may be the argument of any number of calls, and be found to hold no pairs each time.
        try takeSteps(pairs.count)
        var flat: [PickleSlot] = []
        for pair in pairs {
            guard let parts = parts(of: pair, count: 2...2) else { return nil }
            flat += parts
        }
        let dictionary = try makeDictionary()
        try setItems(flat[...], on: dictionary)
        return dictionary
    }

    /// Bytes, which protocol 2 writes as a call of `_codecs.encode(text, 'latin1')`.
    private mutating func evaluateEncoding(_ tuple: Int) throws(CheckpointError) -> PickleSlot? {
        guard heap.tuples.count(of: tuple) == 2, case .string(let text) = heap.tuples[tuple, 0],
            case .string(let encoding) = heap.tuples[tuple, 1], heap.strings.isEqual(encoding, "latin1")
        else { return nil }
        // A copy of the texts is none of their elements, and lets the bytes be appended while a text is looked at.
        let texts = heap.strings
        try takeMemory(PickleCost.bytes(texts.withUTF8(of: text, Self.characterCount)))
        try takeSteps(texts.byteCount(of: text) >> 3)
        guard texts.withUTF8(of: text, { heap.bytes.append(latin1OfUTF8: $0) }) else { return nil }
        return .bytes(heap.bytes.count - 1)
    }

    /// Characters of a UTF-8 text: bytes that continue none.
    private static func characterCount(_ utf8: UnsafeRawBufferPointer) -> Int {
        utf8.reduce(0) { $1 & 0xC0 == 0x80 ? $0 : $0 + 1 }
    }

    private mutating func evaluateDevice(_ arguments: [PickleSlot]) throws(CheckpointError) -> PickleSlot? {
        guard let type = arguments.first.flatMap({ text($0) }), arguments.count <= 2 else { return nil }
        var name = type
        if arguments.count == 2 {
            guard case .int(let index) = arguments[1] else { return nil }
            name += ":\(index)"
        }
        try takeMemory(PickleCost.name(name.utf8.count))
        heap.names.append(name)
        return .device(heap.names.count - 1)
    }

    private mutating func makeSize(_ extents: [Int]) throws(CheckpointError) -> PickleSlot {
        try takeSteps(extents.count)
        try takeMemory(PickleCost.slots(extents.count) + PickleCost.room([Int].self))
        heap.sizes.append(extents)
        return .size(heap.sizes.count - 1)
    }

    /// The elements of a list, tuple or set that has as many as `count` says, or nil.
    func parts(of slot: PickleSlot, count: ClosedRange<Int>) -> [PickleSlot]? {
        guard let elements = heap.elements(of: slot), count.contains(elements.count) else { return nil }
        return Array(elements)
    }

    /// The integers of a tuple, list or `torch.Size`, or nil.
    mutating func integers(_ slot: PickleSlot) throws(CheckpointError) -> [Int]? {
        if case .size(let index) = slot { return heap.sizes[index] }
        guard let slots = heap.elements(of: slot) else { return nil }
        // One long list may be looked at by any number of calls.
        try takeSteps(slots.count)
        var integers: [Int] = []
        for slot in slots {
            guard case .int(let value) = slot else { return nil }
            integers.append(Int(value))
        }
        return integers
    }

    /// The elements of the one argument of a container's class; none without an argument.
    private func elements(ofOnly arguments: [PickleSlot]) -> [PickleSlot]? {
        guard let argument = arguments.first else { return [] }
        return arguments.count == 1 ? heap.elements(of: argument).map { Array($0) } : nil
    }
}
