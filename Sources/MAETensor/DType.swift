/// Element types that checkpoint files hold.
public enum DType: String, Sendable, Hashable, CaseIterable {
    case float32, float64, float16, bfloat16
    case int8, int16, int32, int64, uint8, bool
    /// Floats of one byte, named after their exponent and mantissa bits; `fn` has no infinities, `uz` no negative zero.
    case float8E4M3FN = "float8_e4m3fn"
    case float8E5M2 = "float8_e5m2"
    case float8E4M3FNUZ = "float8_e4m3fnuz"
    case float8E5M2FNUZ = "float8_e5m2fnuz"

    /// Bytes an element takes.
    public var byteWidth: Int {
        switch self {
        case .int8, .uint8, .bool, .float8E4M3FN, .float8E5M2, .float8E4M3FNUZ, .float8E5M2FNUZ: 1
        case .float16, .bfloat16, .int16: 2
        case .float32, .int32: 4
        case .float64, .int64: 8
        }
    }

    /// Whether elements of this type can become fp32 weights.
    public var isFloatingPoint: Bool {
        switch self {
        case .float32, .float64, .float16, .bfloat16, .float8E4M3FN, .float8E5M2, .float8E4M3FNUZ, .float8E5M2FNUZ:
            true
        case .int8, .int16, .int32, .int64, .uint8, .bool: false
        }
    }
}
