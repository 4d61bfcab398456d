import MAERecording

/// The numbers of bits in which a recorded call computed, as far as dtypes, autocast and flags say.
enum RecordedPrecision: Int, Sendable, Comparable {
    case bfloat16, float16, tf32, float32

    init(dtype: String) {
        self = dtype.hasPrefix("bfloat16") ? .bfloat16 : dtype == "float16" ? .float16 : .float32
    }

    /// The fewer of the bits of two calls.
    init(_ left: RecordedCall, _ right: RecordedCall) {
        let least = min(left.precision, right.precision)
        self = least == .float32 && Self.differsInTF32(left, right) ? .tf32 : least
    }

    /// The distance from 1 to the next number: what the last bit is worth, as a share of the number.
    var epsilon: Double {
        switch self {
        case .bfloat16: 0x1p-7
        case .float16, .tf32: 0x1p-10
        case .float32: Double(Float.ulpOfOne)
        }
    }

    /// What it is called in sentences.
    var words: String {
        switch self {
        case .bfloat16: "bfloat16"
        case .float16: "float16"
        case .tf32: "TF32"
        case .float32: "fp32"
        }
    }

    /// Whether the flags of TF32 differ, on a GPU.
    static func differsInTF32(_ left: RecordedCall, _ right: RecordedCall) -> Bool {
        guard [left, right].contains(where: { $0.final?.device?.hasPrefix("cuda") ?? false }) else { return false }
        return SettingDifference.between(left.recording, right.recording).contains {
            $0.name.lowercased().contains("tf32") || $0.name.lowercased().contains("matmul_precision")
        }
    }

    static func < (left: RecordedPrecision, right: RecordedPrecision) -> Bool { left.rawValue < right.rawValue }
}

extension RecordedCall {
    /// The fewest bits that the call is known to have computed in.
    var precision: RecordedPrecision {
        let dtypes = call.autocast.values + model.weights.map(\.dtype) + [final?.dtype].compactMap(\.self)
        return dtypes.map { RecordedPrecision(dtype: $0) }.min() ?? .float32
    }
}
