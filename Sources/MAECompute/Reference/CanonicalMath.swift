/// The functions of class `canonical-v1`, each a fixed sequence of correctly rounded fp32 operations.
///
/// A backend is in the class when it carries out these very operations; docs/numerics.md tells the same in words.
/// `a.addingProduct(b, c)` is a fused multiply-add with one rounding. Constants are bit patterns, so no decimal is ever
/// rounded. Selections between values are exact.
public enum CanonicalMath {
    /// `fma(a, b, c) = a·b + c`, rounded once.
    @inline(__always)
    public static func fma(_ a: Float, _ b: Float, _ c: Float) -> Float { c.addingProduct(a, b) }

    /// 1.5·2²³: adding and subtracting it rounds a float below 2²² to the nearest integer, ties to even.
    static let roundingShift = Float(bitPattern: 0x4B40_0000)
    /// log₂ e.
    static let log2e = Float(bitPattern: 0x3FB8_AA3B)
    /// ln 2 rounded to fp32.
    static let ln2High = Float(bitPattern: 0x3F31_7218)
    /// ln 2 less ``ln2High``.
    static let ln2Low = Float(bitPattern: 0xB102_E308)
    /// Below this, e to the power x counts as +0: every smaller result that is kept stays a normal number.
    static let expLowerBound: Float = -86.5
    /// Above this, e to the power x counts as infinite.
    static let expUpperBound: Float = 88

    /// (eʳ − 1 − r) / r² on |r| ≤ ln 2 / 2, ascending powers.
    static let expm1Polynomial: [Float] = [
        0x3F00_0000, 0x3E2A_AA48, 0x3D2A_AA2F, 0x3C09_1DA3, 0x3AB6_DA07,
    ].map(Float.init(bitPattern:))

    /// (2ᶠ − 1) / f on |f| ≤ ½, ascending powers.
    static let exp2Polynomial: [Float] = [
        0x3F31_7218, 0x3E75_FDF0, 0x3D63_5768, 0x3C1D_94D5, 0x3AAF_A3BA, 0x3922_47D2,
    ].map(Float.init(bitPattern:))

    /// log₂(2·Φ(−a)) / a on 0 < a ≤ 6, ascending powers; Φ is the normal distribution.
    static let normalTailPolynomial: [Float] = [
        0xBF93_576D, 0xBEEB_1D8B, 0xBD56_EEFD, 0x3BE5_46EB, 0xB844_1EE8, 0xB983_6CD5, 0x3887_152D, 0xB702_E306,
        0x34D2_EB91,
    ].map(Float.init(bitPattern:))
    /// Beyond this many standard deviations the normal tail counts as +0.
    static let normalTailBound: Float = 6

    /// Horner's rule by fused multiply-adds, from the highest power down.
    @inline(__always)
    static func horner(_ coefficients: [Float], _ x: Float) -> Float {
        var value = coefficients[coefficients.count - 1]
        for index in stride(from: coefficients.count - 2, through: 0, by: -1) {
            value = fma(value, x, coefficients[index])
        }
        return value
    }

    /// `value · 2ⁿ` for results that are normal numbers; `shifted` is n + ``roundingShift``.
    @inline(__always)
    static func scale(_ value: Float, byPowerIn shifted: Float) -> Float {
        let power = shifted.bitPattern &- roundingShift.bitPattern
        return Float(bitPattern: value.bitPattern &+ power << 23)
    }

    /// Cuts x into n·ln 2 + r: returns n + ``roundingShift``, and eʳ − 1.
    @inline(__always)
    private static func reducedExpm1(_ x: Float) -> (shifted: Float, expm1: Float) {
        let shifted = fma(x, log2e, roundingShift)
        let n = shifted - roundingShift
        var r = fma(n, -ln2High, x)
        r = fma(n, -ln2Low, r)
        let square = r * r
        return (shifted, fma(square, horner(expm1Polynomial, r), r))
    }

    /// e to the power x: +0 below ``expLowerBound``, infinite above ``expUpperBound``, NaN for NaN.
    public static func exp(_ x: Float) -> Float {
        let bounded = x < expLowerBound ? expLowerBound : (x > expUpperBound ? expUpperBound : x)
        let (shifted, expm1) = reducedExpm1(bounded)
        let value = scale(1 + expm1, byPowerIn: shifted)
        if x < expLowerBound { return 0 }
        if x > expUpperBound { return .infinity }
        return x.isNaN ? x : value
    }

    /// e to the power x, less one, for x ≤ 0; keeps the relative precision near zero.
    public static func expm1OfNonPositive(_ x: Float) -> Float {
        let bounded = x < expLowerBound ? expLowerBound : x
        let (shifted, expm1) = reducedExpm1(bounded)
        let power = scale(1, byPowerIn: shifted)
        let value = fma(power, expm1, power - 1)
        if x < expLowerBound { return -1 }
        return x.isNaN ? x : value
    }

    /// `x · Φ(x)`, computed as `max(x, 0) − |x|·Φ(−|x|)`: both tails keep their precision.
    public static func gelu(_ x: Float) -> Float {
        let magnitude = abs(x)
        let a: Float = magnitude > normalTailBound ? 0 : magnitude
        let exponent = a * horner(normalTailPolynomial, a)
        let shifted = exponent + roundingShift
        let n = shifted - roundingShift
        let fraction = exponent - n
        let power = fma(horner(exp2Polynomial, fraction), fraction, 1)
        let tail = 0.5 * scale(power, byPowerIn: shifted)
        let positive: Float = x > 0 ? x : 0
        return x.isNaN ? x : fma(-a, tail, positive)
    }

    /// `x / (1 + e^(−z))`: x times the logistic function of z.
    static func timesSigmoid(_ x: Float, of z: Float) -> Float {
        x / (1 + exp(-z))
    }

    /// The activation's value at `x`.
    public static func apply(_ activation: Activation, to x: Float) -> Float {
        switch activation {
        case .gelu:
            return gelu(x)
        case .geluTanh:
            // 2·√(2/π) = 1.5957691216, and 0.044715, rounded to fp32.
            let cubed = x * x * x
            let inner = fma(cubed, Float(bitPattern: 0x3D37_2713), x)
            return timesSigmoid(x, of: Float(bitPattern: 0x3FCC_422A) * inner)
        case .quickGELU:
            return timesSigmoid(x, of: Float(bitPattern: 0x3FD9_DB23) * x)
        case .relu:
            // As PyTorch's, a NaN stays a NaN.
            return x < 0 ? 0 : x
        case .silu:
            return timesSigmoid(x, of: x)
        case .selu:
            let scale = Float(bitPattern: 0x3F86_7D5F)
            let alphaScale = Float(bitPattern: 0x3FE1_0966)
            let negative = alphaScale * expm1OfNonPositive(x < 0 ? x : 0)
            return x < 0 ? negative : scale * x
        }
    }
}
