extension PickleMachine {
    mutating func pushText(_ opcode: PickleOpcode) throws(CheckpointError) {
        switch opcode {
        case .shortBinUnicode: try push(try makeString(try range(UInt8.self)))
        case .binUnicode: try push(try makeString(try range(UInt32.self)))
        case .binUnicode8: try push(try makeString(try range(UInt64.self)))
        case .shortBinBytes: try push(try makeBytes(try payload(UInt8.self)))
        case .binBytes: try push(try makeBytes(try payload(UInt32.self)))
        case .binBytes8, .byteArray8: try push(try makeBytes(try payload(UInt64.self)))
        case .shortBinString: try push(try makeStringOrBytes(try payload(UInt8.self)))
        case .binString: try push(try makeStringOrBytes(try payload(Int32.self)))
        case .string: try push(try makeStringOrBytes(try PythonEscapes.unquoted(try line(), at: cursor)))
        case .unicode: try push(try makeString(try PythonEscapes.rawUnicode(try line(), at: cursor)))
        case .nextBuffer, .readOnlyBuffer:
            throw CheckpointError(
                .unsupportedFormat, at: cursor.location,
                "the pickle keeps buffers outside itself, which torch.save never does; save it with torch.save.")
        default: preconditionFailure("\(opcode) makes no text")
        }
    }

    private mutating func payload<Length: FixedWidthInteger & BitwiseCopyable>(
        _ type: Length.Type
    ) throws(CheckpointError) -> [UInt8] {
        let view = try cursor.view(try cursor.length(type))
        try takeMemory(PickleCost.text(view.count))
        return view.bytes
    }

    /// Where the bytes behind a length are.
    private mutating func range<Length: FixedWidthInteger & BitwiseCopyable>(
        _ type: Length.Type
    ) throws(CheckpointError) -> Range<Int> {
        let range = try cursor.range(try cursor.length(type))
        try takeSteps(range.count >> 3)
        if range.count > PickleStrings.shortCount { try takeMemory(PickleCost.longText(range.count)) }
        return range
    }

    private mutating func makeString(_ range: Range<Int>) throws(CheckpointError) -> PickleSlot {
        try takeMemory(PickleCost.shortText)
        guard heap.strings.append(at: range) else { throw notUTF8 }
        return .string(heap.strings.count - 1)
    }

    mutating func makeString(_ utf8: [UInt8]) throws(CheckpointError) -> PickleSlot {
        guard let text = String(validating: utf8, as: UTF8.self) else { throw notUTF8 }
        try takeMemory(PickleCost.shortText + PickleCost.longText(utf8.count))
        heap.strings.append(text)
        return .string(heap.strings.count - 1)
    }

    private var notUTF8: CheckpointError { cursor.malformed("A string is not UTF-8.") }

    mutating func makeBytes(_ bytes: [UInt8]) throws(CheckpointError) -> PickleSlot {
        try takeMemory(PickleCost.bytes(bytes.count))
        heap.bytes.append(bytes)
        return .bytes(heap.bytes.count - 1)
    }

    /// A `str` of Python 2: text where it is UTF-8, otherwise bytes.
    private mutating func makeStringOrBytes(_ bytes: [UInt8]) throws(CheckpointError) -> PickleSlot {
        String(validating: bytes, as: UTF8.self) == nil ? try makeBytes(bytes) : try makeString(bytes)
    }

    /// The text of a string slot, or nil.
    func text(_ slot: PickleSlot) -> String? {
        if case .string(let index) = slot { heap.strings[index] } else { nil }
    }
}
