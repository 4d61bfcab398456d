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
        case .scalar(let scalar): scalar.number
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
        case .scalar(let scalar): scalar.floatType.map(PickleNumberType.numpy)
        default: nil
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
