import Glibc
import MAEFormats
import MAETensor

/// How the elements of one parameter differ between two checkpoints.
public struct TensorDifference: Sendable, Hashable {
    /// Canonical name.
    public let name: String
    /// Shape on either side.
    public let shapes: [[Int]]
    /// Number of elements that differ in value.
    ///
    /// Every NaN equals every NaN. All elements when the shapes differ.
    public let differingCount: Int
    /// Number of elements that differ in bits: ``differingCount``, zeros of another sign and other NaNs.
    public let differingBitsCount: Int
    /// The largest absolute difference; infinite when one side is not finite, nil when the shapes differ.
    public let largest: Double?
    /// Index of the largest difference, one number a dimension; nil when the shapes differ.
    public let index: [Int]?
    /// The two values at ``index``.
    public let values: [Float]?
    /// The roundings to half precision that explain all of the difference; empty when the shapes differ.
    ///
    /// All of them name the same side, for a rounded tensor does not change when it is rounded again.
    public let roundings: Set<WeightRounding>
    /// The sides on which every element is zero; empty when the shapes differ.
    public let zeroSides: Set<ComparedSide>

    /// The difference between two tensors, or nil when all their elements have the same bits as fp32.
    ///
    /// Throws for elements that are no floats.
    static func between(
        _ one: CheckpointTensor, _ other: CheckpointTensor, name: String
    ) throws(CheckpointError) -> TensorDifference? {
        guard one.shape == other.shape else {
            return TensorDifference(
                name: name, shapes: [one.shape, other.shape], differingCount: max(one.count, other.count),
                differingBitsCount: max(one.count, other.count), largest: nil, index: nil, values: nil,
                roundings: [], zeroSides: [])
        }
        defer {
            one.relinquish()
            other.relinquish()
        }
        let (mine, theirs) = (try one.tensor(), try other.tensor())
        return mine.withUnsafeElements { mine in
            theirs.withUnsafeElements { theirs in
                between(mine, theirs, name: name, shape: one.shape)
            }
        }
    }

    private static func between(
        _ mine: UnsafeBufferPointer<Float>, _ theirs: UnsafeBufferPointer<Float>, name: String, shape: [Int]
    ) -> TensorDifference? {
        guard let mineBytes = mine.baseAddress, let theirBytes = theirs.baseAddress,
            memcmp(mineBytes, theirBytes, mine.count * MemoryLayout<Float>.stride) != 0
        else { return nil }
        var count = 0
        var bitsCount = 0
        var largest = -1.0
        var position = 0
        for index in mine.indices where mine[index].bitPattern != theirs[index].bitPattern {
            let (one, other) = (mine[index], theirs[index])
            let isEqual = one == other || one.isNaN && other.isNaN
            bitsCount += 1
            count += isEqual ? 0 : 1
            let distance = isEqual ? 0 : abs(Double(one) - Double(other))
            let difference = distance.isNaN ? .infinity : distance
            if difference > largest {
                largest = difference
                position = index
            }
        }
        return TensorDifference(
            name: name, shapes: [shape, shape], differingCount: count, differingBitsCount: bitsCount,
            largest: largest, index: index(of: position, in: shape),
            values: [mine[position], theirs[position]],
            // NaNs of other bits alone are no rounding, and either side would seem to be the original.
            roundings: count == 0 ? [] : Set(WeightRounding.all.filter { $0.holds(mine, theirs) }),
            zeroSides: zeroSides(mine, theirs))
    }

    /// The index, one number a dimension, of the element at `position` in row-major order.
    private static func index(of position: Int, in shape: [Int]) -> [Int] {
        var index: [Int] = []
        var rest = position
        for extent in shape.reversed() {
            index.append(rest % extent)
            rest /= extent
        }
        return index.reversed()
    }

    /// The sides that are all zero; looking for the first element that is not costs nothing with other tensors.
    private static func zeroSides(
        _ mine: UnsafeBufferPointer<Float>, _ theirs: UnsafeBufferPointer<Float>
    ) -> Set<ComparedSide> {
        var sides: Set<ComparedSide> = []
        if mine.allSatisfy({ $0 == 0 }) { sides.insert(.first) }
        if theirs.allSatisfy({ $0 == 0 }) { sides.insert(.second) }
        return sides
    }
}
