import Glibc
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
    /// The largest absolute difference; infinite when one side is not finite, nil when the shapes differ.
    public let largest: Double?
    /// Index of the largest difference, one number a dimension; nil when the shapes differ.
    public let index: [Int]?
    /// The two values at ``index``.
    public let values: [Float]?

    /// The difference between two tensors, or nil when all their elements are equal.
    ///
    /// Bits decide only what is looked at closely: +0 equals −0. Throws for elements that are no floats.
    static func between(
        _ one: CheckpointTensor, _ other: CheckpointTensor, name: String
    ) throws(CheckpointError) -> TensorDifference? {
        guard one.shape == other.shape else {
            return TensorDifference(
                name: name, shapes: [one.shape, other.shape], differingCount: max(one.count, other.count), largest: nil,
                index: nil, values: nil)
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
        var largest = -1.0
        var position = 0
        for index in mine.indices where mine[index] != theirs[index] && !(mine[index].isNaN && theirs[index].isNaN) {
            count += 1
            let distance = abs(Double(mine[index]) - Double(theirs[index]))
            let difference = distance.isNaN ? .infinity : distance
            if difference > largest {
                largest = difference
                position = index
            }
        }
        guard count > 0 else { return nil }
        var index: [Int] = []
        var rest = position
        for extent in shape.reversed() {
            index.append(rest % extent)
            rest /= extent
        }
        return TensorDifference(
            name: name, shapes: [shape, shape], differingCount: count, largest: largest, index: index.reversed(),
            values: [mine[position], theirs[position]])
    }
}
