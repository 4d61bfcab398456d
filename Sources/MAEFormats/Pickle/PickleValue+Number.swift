import MAETensor

/// A number of a pickle, in whichever of the forms that Python counts as one.
package enum PickleNumber: Sendable, Hashable {
    case bool(Bool)
    case int(Int)
    case float(Double)

    /// The value as Python's `float()` gives it.
    package var double: Double {
        switch self {
        case .bool(let value): value ? 1 : 0
        case .int(let value): Double(value)
        case .float(let value): value
        }
    }
}

extension PickleValue {
    /// The number this is: Python's own, a scalar of numpy, or a tensor of one element; nil for anything else.
    ///
    /// Reads the element of a tensor, whose checksum is verified with all others.
    package var number: PickleNumber? {
        switch self {
        case .bool(let value): .bool(value)
        case .int(let value): .int(Int(value))
        case .float(let value): .float(value)
        case .tensor(let tensor): tensor.tensor.onlyElement
        case .object(let object): NumpyScalar(object)?.value
        default: nil
        }
    }
}

/// The element type of a number that is no plain one of Python.
package enum PickleNumberType: Sendable, Hashable {
    /// A tensor of one element.
    case tensor(DType)
    /// A floating-point scalar of numpy.
    case numpy(DType)
}

extension PickleValue {
    /// The type of ``number`` where that is a tensor or a floating-point scalar of numpy; nil for numbers of Python.
    package var numberType: PickleNumberType? {
        switch self {
        case .tensor(let tensor): .tensor(tensor.tensor.dtype)
        case .object(let object): NumpyScalar(object)?.floatType.map(PickleNumberType.numpy)
        default: nil
        }
    }
}

/// A scalar of numpy: the call `numpy.core.multiarray.scalar(dtype, bytes)`, which numpy 2 names `numpy._core`.
private struct NumpyScalar {
    let value: PickleNumber
    /// The type of a float; nil for other numbers.
    let floatType: DType?

    private static let floatTypes: [String: DType] = ["f2": .float16, "f4": .float32, "f8": .float64]
    private static let constructors: Set<String> = ["numpy.core.multiarray.scalar", "numpy._core.multiarray.scalar"]

    init?(_ object: PickleObject) {
        guard object.isCall, let name = object.className, Self.constructors.contains(name),
            let arguments = object.arguments.sequence, arguments.count == 2,
            let dtype = arguments[0].object, dtype.className == "numpy.dtype",
            let type = dtype.arguments.sequence?.first?.string, case .bytes(let bytes) = arguments[1]
        else { return nil }
        // The state is (version, byte order, …); numbers of one byte have the order `|`.
        let isBig = dtype.state?.sequence?.dropFirst().first?.string == ">"
        guard let value = Self.number(type, isBig ? bytes.reversed() : bytes) else { return nil }
        self.value = value
        floatType = Self.floatTypes[type]
    }

    /// The number of a type, such as `f8`, from its bytes in little-endian order.
    private static func number(_ type: String, _ bytes: [UInt8]) -> PickleNumber? {
        guard let width = type.dropFirst().first?.wholeNumberValue, type.count == 2, width == bytes.count else {
            return nil
        }
        let bits = bytes.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        let shift = 64 - 8 * width
        switch type {
        case "b1": return .bool(bits != 0)
        case "f2": return .float(Double(Float16(bitPattern: UInt16(bits))))
        case "f4": return .float(Double(Float(bitPattern: UInt32(bits))))
        case "f8": return .float(Double(bitPattern: bits))
        case "i1", "i2", "i4", "i8": return .int(Int(Int64(bitPattern: bits << shift) >> shift))
        case "u1", "u2", "u4", "u8": return Int(exactly: bits).map(PickleNumber.int)
        default: return nil
        }
    }
}

extension CheckpointTensor {
    /// The element of a tensor that has one; nil for any other.
    fileprivate var onlyElement: PickleNumber? {
        guard count == 1 else { return nil }
        defer { withExtendedLifetime(storage) {} }
        func raw<Raw: FixedWidthInteger & BitwiseCopyable>(_: Raw.Type) -> Raw {
            Raw(littleEndian: storage.bytes.loadUnaligned(fromByteOffset: byteOffset, as: Raw.self))
        }
        return switch dtype {
        case .float32: .float(Double(Float(bitPattern: raw(UInt32.self))))
        case .float64: .float(Double(bitPattern: raw(UInt64.self)))
        case .float16: .float(Double(Float16(bitPattern: raw(UInt16.self))))
        case .bfloat16: .float(Double(Float(bitPattern: UInt32(raw(UInt16.self)) << 16)))
        case .int8: .int(Int(raw(Int8.self)))
        case .int16: .int(Int(raw(Int16.self)))
        case .int32: .int(Int(raw(Int32.self)))
        case .int64: .int(Int(raw(Int64.self)))
        case .uint8: .int(Int(raw(UInt8.self)))
        case .bool: .bool(raw(UInt8.self) != 0)
        case .float8E4M3FN, .float8E5M2, .float8E4M3FNUZ, .float8E5M2FNUZ:
            Float8(dtype).map { .float(Double($0.value(raw(UInt8.self)))) }
        }
    }
}
