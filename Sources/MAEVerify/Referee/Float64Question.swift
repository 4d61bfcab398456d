import MAEDomain
import MAETensor

/// Two results of one computation that nothing decides between: one image of them computed in double precision may.
public struct Float64Question: Sendable, Hashable {
    /// The results.
    public let left: Cell, right: Cell
    /// The first image of the batch whose mean over the tokens has other bits.
    public let image: Int

    /// Names a dispute.
    package init(left: Cell, right: Cell, image: Int) {
        (self.left, self.right, self.image) = (left, right, image)
    }

    /// Most disputes of a run that are looked at: each takes a pass in double precision.
    private static let limit = 4

    /// The disputes of a run: numeric classes further apart than the tolerance, and sides of one class of which neither has a majority,
    /// where the referee contradicts none.
    public static func all(in comparison: Comparison) -> [Float64Question] {
        let cells = comparison.cells
        let disputes = Disputes(comparison)
        var questions: [Float64Question] = []
        var seen: Set<[String]> = []
        for pair in comparison.pairs where !pair.agrees && questions.count < limit {
            let (left, right) = (cells[pair.left], cells[pair.right])
            guard pair.relation == .differs(at: .layernorm), left.hasFiniteOutput || right.hasFiniteOutput,
                let image = firstDifference(left.pooled, right.pooled)
            else { continue }
            let classes = [left.node.numericClass, right.node.numericClass].sorted()
            // One of each pair of classes, or of nodes.
            let key = classes[0] == classes[1] ? [left.node.name, right.node.name].sorted() : classes
            guard !seen.contains(key), classes[0] != classes[1] || isTie(left, right, cells, disputes) else { continue }
            seen.insert(key)
            questions.append(Float64Question(left: left.cell, right: right.cell, image: image))
        }
        return questions
    }

    /// Whether both results are of sides that nothing outweighs.
    private static func isTie(
        _ left: Observation, _ right: Observation, _ cells: [Observation], _ disputes: Disputes
    ) -> Bool {
        let alike = cells.indices.filter { index in
            let cell = cells[index]
            return cell.batch.index == left.batch.index && cell.weights.digest == left.weights.digest
                && cell.digests.input == left.digests.input && cell.digests.mask == left.digests.mask
                && cell.node.numericClass == left.node.numericClass
        }
        let split = Split(Split(alike) { cells[$0].digests.layernorm }, decidedBy: disputes, cells)
        let largest = split.sides.filter { $0.count == split.sides[0].count }.flatMap(\.self)
        return split.isTie && [left, right].allSatisfy { side in largest.contains { cells[$0].cell == side.cell } }
    }

    private static func firstDifference(_ left: Tensor, _ right: Tensor) -> Int? {
        guard left.shape == right.shape, left.shape.count == 2 else { return nil }
        return (0..<left.shape[0]).first {
            left.rows($0..<$0 + 1).digest() != right.rows($0..<$0 + 1).digest()
        }
    }
}

/// What this machine computed in double precision for a question: the mean over the tokens of the image.
public struct Float64Answer: Sendable, Equatable {
    /// The question.
    public let question: Float64Question
    /// The elements.
    public let pooled: [Double]

    /// Answers a question.
    public init(_ question: Float64Question, pooled: [Double]) {
        (self.question, self.pooled) = (question, pooled)
    }
}
