import MAETensor

/// A float of one byte: a sign, then exponent and mantissa bits, after "FP8 Formats for Deep Learning" (Micikevicius et al.,
/// 2022) and, for the kinds without negative zero, "8-bit Numerical Formats for Deep Neural Networks" (Noune et al., 2022).
struct Float8 {
    /// What the encodings are that stand for no finite number.
    private enum Special {
        /// All exponent bits set: infinity, or with mantissa bits NaN, as IEEE 754 has it.
        case ieee
        /// All bits but the sign set: NaN; there is no infinity.
        case allOnes
        /// Negative zero: NaN; there is no infinity.
        case negativeZero
    }

    private let mantissaBits: Int
    private let bias: Int
    private let special: Special

    /// Nil for a type of more than a byte.
    init?(_ dtype: DType) {
        switch dtype {
        case .float8E4M3FN: (mantissaBits, bias, special) = (3, 7, .allOnes)
        case .float8E5M2: (mantissaBits, bias, special) = (2, 15, .ieee)
        case .float8E4M3FNUZ: (mantissaBits, bias, special) = (3, 8, .negativeZero)
        case .float8E5M2FNUZ: (mantissaBits, bias, special) = (2, 16, .negativeZero)
        default: return nil
        }
    }

    /// The number that `bits` stands for, exactly; every NaN is the same one.
    func value(_ bits: UInt8) -> Float {
        let magnitude = Int(bits & 0x7F)
        let exponent = magnitude >> mantissaBits
        let mantissa = magnitude & ((1 << mantissaBits) - 1)
        switch special {
        case .allOnes where magnitude == 0x7F, .negativeZero where bits == 0x80: return .nan
        case .ieee where exponent == 0x7F >> mantissaBits:
            guard mantissa == 0 else { return .nan }
            return bits < 0x80 ? .infinity : -.infinity
        default: break
        }
        // Without exponent bits there is no leading one.
        let significand = exponent == 0 ? mantissa : mantissa | 1 << mantissaBits
        let scale = max(exponent, 1) - bias - mantissaBits
        return Float(sign: bits < 0x80 ? .plus : .minus, exponent: scale, significand: Float(significand))
    }

    /// The numbers of all 256 encodings.
    var table: [Float] { (0...UInt8.max).map(value) }
}
