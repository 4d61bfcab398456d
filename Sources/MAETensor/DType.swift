/// Element types that checkpoint files hold.
public enum DType: String, Sendable, Hashable, CaseIterable {
    case float32, float64, float16, bfloat16
    case int8, int16, int32, int64, uint8, bool

    /// Bytes an element takes.
    public var byteWidth: Int {
        switch self {
        case .int8, .uint8, .bool: 1
        case .float16, .bfloat16, .int16: 2
        case .float32, .int32: 4
        case .float64, .int64: 8
        }
    }

    /// Whether elements of this type can become fp32 weights.
    public var isFloatingPoint: Bool {
        switch self {
        case .float32, .float64, .float16, .bfloat16: true
        case .int8, .int16, .int32, .int64, .uint8, .bool: false
        }
    }
}
