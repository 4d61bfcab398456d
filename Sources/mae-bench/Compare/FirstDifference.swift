import MAECompute
import MAETensor

/// The first operation whose results differ, and how.
struct FirstDifference: Encodable {
    let layer: String
    /// What the operation computes.
    let operation: String
    /// Place among the operations of its layer, from 1, and how many these are.
    let position, count: Int
    /// Elements of the operation's output, and how many of them differ.
    let elements, differing: Int
    /// The first element that differs.
    let row, column: Int
    /// Its bits and its value, here and there.
    let bits, other_bits, value, other_value: String

    /// Compares what an operation gave twice; nil when all bits are the same, any NaN being like any other.
    init?(at place: OperationPlace, _ ours: Tensor, _ other: Tensor) {
        let differing = ours.withUnsafeElements { ours in
            other.withUnsafeElements { other in
                zip(ours.indices, zip(ours, other)).filter { _, pair in
                    pair.0.bitPattern != pair.1.bitPattern && !(pair.0.isNaN && pair.1.isNaN)
                }
            }
        }
        guard let (index, (value, otherValue)) = differing.first else { return nil }
        let columns = max(ours.shape.last ?? 1, 1)
        (layer, operation, position, count) = (place.layer, place.operation, place.position, place.count)
        (elements, self.differing) = (ours.count, differing.count)
        (row, column) = (index / columns, index % columns)
        (bits, other_bits) = (Self.hexadecimal(value), Self.hexadecimal(otherValue))
        (self.value, other_value) = ("\(value)", "\(otherValue)")
    }

    /// The difference in a sentence.
    var text: String {
        "the first difference is in \(layer), operation \(position) of \(count): \(operation); \(differing) of "
            + "\(elements) elements differ, the first in row \(row), column \(column): \(value) (\(bits)) and "
            + "\(other_value) (\(other_bits))"
    }

    private static func hexadecimal(_ value: Float) -> String {
        let digits = String(value.bitPattern, radix: 16)
        return "0x" + String(repeating: "0", count: 8 - digits.count) + digits
    }
}
