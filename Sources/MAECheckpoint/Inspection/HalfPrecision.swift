import MAEFormats
import MAETensor

/// The types of half precision in which copies of weights are often saved.
public enum HalfPrecision: String, Sendable, Hashable, CaseIterable {
    case float16, bfloat16

    /// The element type of tensors.
    var dtype: DType {
        switch self {
        case .float16: .float16
        case .bfloat16: .bfloat16
        }
    }

    /// `value` rounded to this type, to nearest and of two to the even one, as PyTorch's `half()` and `bfloat16()` do.
    ///
    /// What is beyond the largest number of the type becomes infinite. NaN stays NaN.
    public func rounded(_ value: Float) -> Float {
        switch self {
        case .float16: return Float(Float16(value))
        case .bfloat16:
            guard !value.isNaN else { return value }
            // Adding just under half of the last place that stays, or half where that place is odd, carries into it.
            let bits = value.bitPattern
            return Float(bitPattern: (bits &+ 0x7FFF &+ (bits >> 16 & 1)) & 0xFFFF_0000)
        }
    }

    /// Whether each of `copy` has the bits of the one of `original` rounded to this type; every NaN equals every NaN.
    func isRounding(
        _ copy: UnsafeBufferPointer<Float>, of original: UnsafeBufferPointer<Float>
    ) -> Bool {
        copy.indices.allSatisfy { index in
            let expected = rounded(original[index])
            return expected.bitPattern == copy[index].bitPattern || expected.isNaN && copy[index].isNaN
        }
    }
}

extension ModelCheckpoint {
    /// Whether every weight is a number of this type, whatever type it is stored in; NaN and infinity are.
    ///
    /// Throws for parameters that are no floats.
    func isRounded(to format: HalfPrecision) throws(CheckpointError) -> Bool {
        let stored = tensors
        return try Parallel.map(layout.parameters.map(\.name)) { name throws(CheckpointError) -> Bool in
            guard let tensor = stored[name], tensor.dtype != format.dtype else { return true }
            defer { tensor.relinquish() }
            return try tensor.tensor().withUnsafeElements { format.isRounding($0, of: $0) }
        }.allSatisfy(\.self)
    }
}

/// One of two checkpoints that are compared.
public enum ComparedSide: Sendable, Hashable, CaseIterable {
    case first, second
}

/// That the weights of one of two checkpoints are those of the other, rounded to half precision.
public struct WeightRounding: Sendable, Hashable {
    /// The type they were rounded to.
    public let format: HalfPrecision
    /// The side that lost precision; the other one is the original.
    public let rounded: ComparedSide

    /// Every rounding there can be between two checkpoints.
    static let all: [WeightRounding] = HalfPrecision.allCases.flatMap { format in
        ComparedSide.allCases.map { WeightRounding(format: format, rounded: $0) }
    }

    /// Whether this one holds between the elements of two tensors of one shape.
    func holds(_ first: UnsafeBufferPointer<Float>, _ second: UnsafeBufferPointer<Float>) -> Bool {
        switch rounded {
        case .first: format.isRounding(first, of: second)
        case .second: format.isRounding(second, of: first)
        }
    }
}
