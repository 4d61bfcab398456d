import MAETensor

extension DType {
    /// The element type that PyTorch calls `torch.NAME`, or nil.
    package init?(torchName name: String) {
        switch name {
        case "float": self = .float32
        case "double": self = .float64
        case "half": self = .float16
        case "short": self = .int16
        case "int": self = .int32
        case "long": self = .int64
        default: self.init(rawValue: name)
        }
    }

    /// The element type of a typed storage class of PyTorch, such as `FloatStorage`, or nil.
    package init?(torchStorageClass name: String) {
        guard let type = Self.allCases.first(where: { $0.torchStorageClass == name }) else { return nil }
        self = type
    }

    /// The typed storage class of PyTorch, such as `FloatStorage`; nil for types that only untyped storages hold.
    package var torchStorageClass: String? {
        switch self {
        case .float32: "FloatStorage"
        case .float64: "DoubleStorage"
        case .float16: "HalfStorage"
        case .bfloat16: "BFloat16Storage"
        case .int8: "CharStorage"
        case .int16: "ShortStorage"
        case .int32: "IntStorage"
        case .int64: "LongStorage"
        case .uint8: "ByteStorage"
        case .bool: "BoolStorage"
        case .float8E4M3FN, .float8E5M2, .float8E4M3FNUZ, .float8E5M2FNUZ: nil
        }
    }

    /// Names of `torch` that stand for element types, those included that are not read here.
    static let torchNames: Set<String> = Set(allCases.map(\.rawValue)).union([
        "float", "double", "half", "short", "int", "long", "uint16", "uint32", "uint64", "complex32", "complex64",
        "complex128", "float8_e8m0fnu", "float4_e2m1fn_x2",
        "quint8", "qint8", "qint32", "quint4x2", "quint2x4",
    ])
}
