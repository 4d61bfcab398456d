import MAETensor

/// A scalar of numpy: the call `numpy.core.multiarray.scalar(dtype, bytes)`, whose module numpy 2 names `numpy._core`.
public struct NumpyScalar: Sendable, Hashable {
    /// The number.
    package let number: PickleNumber
    /// The type of a float; nil for other numbers.
    package let floatType: DType?

    /// The scalar of a type, such as `f8`, whose bytes are the low ones of `bits`.
    ///
    /// Nil for other types, where the count of bytes is another one, and for integers beyond 64 bits with sign.
    fileprivate init?(_ type: NumpyTypeName, _ bits: UInt64, byteCount: Int) {
        guard let width = UInt8(exactly: byteCount), width > 0, width == type.digit &- UInt8(ascii: "0") else {
            return nil
        }
        let shift = 64 - 8 * byteCount
        let float: DType?
        switch (type.kind, width) {
        case (UInt8(ascii: "b"), 1): (number, float) = (.bool(bits != 0), nil)
        case (UInt8(ascii: "f"), 2):
            (number, float) = (.float(Double(Float16(bitPattern: UInt16(truncatingIfNeeded: bits)))), .float16)
        case (UInt8(ascii: "f"), 4):
            (number, float) = (.float(Double(Float(bitPattern: UInt32(truncatingIfNeeded: bits)))), .float32)
        case (UInt8(ascii: "f"), 8): (number, float) = (.float(Double(bitPattern: bits)), .float64)
        case (UInt8(ascii: "i"), 1), (UInt8(ascii: "i"), 2), (UInt8(ascii: "i"), 4), (UInt8(ascii: "i"), 8):
            (number, float) = (.int(Int(Int64(bitPattern: bits << shift) >> shift)), nil)
        case (UInt8(ascii: "u"), 1), (UInt8(ascii: "u"), 2), (UInt8(ascii: "u"), 4), (UInt8(ascii: "u"), 8):
            guard let value = Int(exactly: bits) else { return nil }
            (number, float) = (.int(value), nil)
        default: return nil
        }
        floatType = float
    }
}

/// What numpy names an element type by: a letter for its kind and a digit for its bytes.
private struct NumpyTypeName {
    let kind: UInt8
    let digit: UInt8
}

/// Scalars are evaluated where they are made, without a text or an array for any of them: a log may have millions.
extension PickleMachine {
    /// The number that a call with the arguments in `tuple` makes; nil when it is of a kind that is not understood.
    mutating func evaluateScalar(_ tuple: Int) throws(CheckpointError) -> PickleSlot? {
        guard heap.tuples.count(of: tuple) == 2, case .object(let type) = heap.tuples[tuple, 0],
            case .bytes(let bytes) = heap.tuples[tuple, 1], let name = typeName(type),
            let stored = heap.bytes.littleEndian(bytes)
        else { return nil }
        let count = heap.bytes.byteCount(of: bytes)
        let bits = isBigEndian(type) ? stored.byteSwapped >> UInt64(64 - 8 * count) : stored
        guard let scalar = NumpyScalar(name, bits, byteCount: count) else { return nil }
        try takeMemory(PickleCost.room(NumpyScalar.self))
        heap.scalars.append(scalar)
        return .scalar(heap.scalars.count - 1)
    }

    /// The name that `numpy.dtype('f8', False, True)` was called with; nil for another object or name.
    private func typeName(_ object: Int) -> NumpyTypeName? {
        guard case .global(let global) = heap.objects[object].callable, functions[global] == .numpyType,
            case .tuple(let arguments) = heap.objects[object].arguments, heap.tuples.count(of: arguments) > 0,
            case .string(let name) = heap.tuples[arguments, 0], heap.strings.byteCount(of: name) == 2
        else { return nil }
        return heap.strings.withUTF8(of: name) { NumpyTypeName(kind: $0[0], digit: $0[1]) }
    }

    /// Whether the state of a type, (version, byte order, …), says so; types of one byte have the order `|`.
    private func isBigEndian(_ object: Int) -> Bool {
        guard let state = heap.objects[object].state, let elements = heap.elements(of: state), elements.count > 1,
            case .string(let order) = elements[elements.startIndex + 1]
        else { return false }
        return heap.strings.isEqual(order, ">")
    }
}
