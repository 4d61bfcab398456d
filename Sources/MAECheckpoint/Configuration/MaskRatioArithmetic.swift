/// The arithmetic in which PyTorch computes the number of patches that stay visible: that of the type of the mask ratio.
///
/// `int(patches * (1 - ratio))` rounds each step to the type of `ratio`: for a number of Python double precision, for a scalar
/// of numpy (from version 2 on) or a tensor of one element its own, so that a patch more or less may be kept.
public enum MaskRatioArithmetic: Sendable, Hashable {
    /// A number of Python, `numpy.float64`, a tensor of float64 or of integers.
    case double
    /// `numpy.float32`, or a tensor of float32.
    case single
    /// A tensor of float16, whose product with an integer is computed in single precision and then rounded.
    case half
    /// A tensor of bfloat16, likewise.
    case bfloat16
    /// `numpy.float16`, which rounds the number of patches too.
    case numpyHalf

    /// Number of patches that stay visible of `patches`; `ratio` lies in 0...1.
    func keptCount(of patches: Int, ratio: Double) -> Int {
        let count = self == .numpyHalf ? rounded(Double(patches)) : Double(patches)
        let kept = rounded(count * rounded(1 - ratio))
        // More patches than the type can count: PyTorch fails then, and a configuration that keeps none is refused.
        return kept.isFinite ? Int(kept) : 0
    }

    /// The type, by the name of PyTorch or numpy.
    var typeName: String {
        switch self {
        case .double: "float64"
        case .single: "float32"
        case .half, .numpyHalf: "float16"
        case .bfloat16: "bfloat16"
        }
    }

    /// The nearest value of the type.
    private func rounded(_ value: Double) -> Double {
        switch self {
        case .double: value
        case .single: Double(Float(value))
        case .half, .numpyHalf: Double(HalfPrecision.float16.rounded(Float(value)))
        case .bfloat16: Double(HalfPrecision.bfloat16.rounded(Float(value)))
        }
    }
}
