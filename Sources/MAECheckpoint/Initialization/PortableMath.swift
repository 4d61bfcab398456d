/// Elementary functions in double precision from additions, multiplications and divisions alone.
///
/// The C library's differ in their last bits between systems; these give the same bits wherever IEEE 754 holds. Their
/// error is within a few units in the last place, far below what is left after rounding to fp32.
enum PortableMath {
    /// `exp(x)` for −700 < x < 700.
    static func exp(_ x: Double) -> Double {
        let ln2High = 0x1.62e42fee00000p-1
        let ln2Low = 0x1.a39ef35793c76p-33
        let multiple = (x / (ln2High + ln2Low)).rounded(.toNearestOrEven)
        let rest = (x - multiple * ln2High) - multiple * ln2Low
        // Taylor series: |rest| ≤ 0.35, so the term of degree 14 is below 2⁻⁵⁷ of the sum.
        var sum = 1.0
        for degree in stride(from: 13.0, through: 1.0, by: -1.0) { sum = 1 + rest / degree * sum }
        return Double(sign: .plus, exponent: Int(multiple), significand: 1) * sum
    }

    /// `(sin(x), cos(x))` for 0 ≤ x < 2¹⁶.
    static func sincos(_ x: Double) -> (sin: Double, cos: Double) {
        // π/2 in three parts: the first two have 33 bits, so their multiples are exact (Cody and Waite 1980).
        let parts = (0x1.921fb54400000p0, 0x1.0b4611a600000p-34, 0x1.3198a2e037073p-69)
        let quadrant = (x / (parts.0 + parts.1)).rounded(.toNearestOrEven)
        let rest = ((x - quadrant * parts.0) - quadrant * parts.1) - quadrant * parts.2
        let square = rest * rest
        // Taylor series: |rest| ≤ π/4, so the terms left out are below 2⁻⁶⁰.
        var sine = 1.0
        for degree in stride(from: 18.0, through: 2.0, by: -2.0) { sine = 1 - square / (degree * (degree + 1)) * sine }
        sine *= rest
        var cosine = 1.0
        for degree in stride(from: 19.0, through: 1.0, by: -2.0) {
            cosine = 1 - square / (degree * (degree + 1)) * cosine
        }
        switch Int(quadrant) & 3 {
        case 0: return (sine, cosine)
        case 1: return (cosine, -sine)
        case 2: return (-sine, -cosine)
        default: return (-cosine, sine)
        }
    }
}
