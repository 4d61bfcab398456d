import MAEDomain
import MAETensor

/// One layer that this machine computed again, operation by operation, set against what nodes found there.
public struct ReplayLook: Sendable {
    /// How the values of an operation relate to this machine's.
    public enum Values: Sendable, Equatable {
        /// The node sent none.
        case unknown
        /// They have the same bits.
        case same
        /// They differ so.
        case differ(ElementDifferences)
    }

    /// The layer.
    public let layer: EncoderLayer
    /// Its operations, with this machine's digests.
    public let operations: [ExaminedOperation]
    /// For each side the digests after the operations; nil where it was not asked.
    public let sides: [[SHA256Digest]?]
    /// The operation whose values are compared, from 0; nil where no node sent any.
    public let operation: Int?
    /// How the values of each side relate to this machine's.
    public let values: [Values]

    init(_ machine: ExaminationAnswer, _ sides: [ExaminationAnswer?]) {
        layer = machine.layer
        operations = machine.operations
        self.sides = sides.map { $0?.operations.map(\.digest) }
        operation = machine.output?.operation
        values = sides.map { side in
            guard let mine = machine.output, let theirs = side?.output, theirs.operation == mine.operation,
                theirs.images == mine.images, theirs.values.shape == mine.values.shape,
                machine.operations.indices.contains(mine.operation)
            else { return .unknown }
            let differences = ElementDifferences(
                theirs.values, mine.values, images: mine.images, of: machine.images.count,
                heads: machine.operations[mine.operation].heads)
            return differences.map(Values.differ) ?? .same
        }
    }

    /// Whether a side has this machine's bits after an operation; nil where that is not known.
    public func agrees(_ side: Int, after operation: Int) -> Bool? {
        guard let digests = sides[side], digests.count == operations.count else { return nil }
        return digests[operation] == operations[operation].digest
    }

    /// The first operation after which a side has other bits; nil where none is known.
    public func firstDifference(_ side: Int) -> Int? {
        operations.indices.first { agrees(side, after: $0) == false }
    }
}
