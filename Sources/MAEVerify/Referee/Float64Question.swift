import MAEDomain
import MAETensor

/// Two results of one computation, to be set against one image of them computed in double precision.
public struct Float64Question: Sendable, Hashable {
    /// The results.
    public let left: Cell, right: Cell
    /// The image of the batch.
    public let image: Int
    /// Whether the two disagree, so that one of them is wrong; else it is only asked how far off each is.
    public let isDispute: Bool

    /// Names two results.
    package init(left: Cell, right: Cell, image: Int, isDispute: Bool = true) {
        (self.left, self.right, self.image, self.isDispute) = (left, right, image, isDispute)
    }

    /// All that is asked of a run.
    public static func all(in comparison: Comparison) -> [Float64Question] {
        disputes(in: comparison) + witnesses(in: comparison)
    }

    /// For each witness the result that is furthest from an engine's and within tolerance, and the image where it is.
    private static func witnesses(in comparison: Comparison) -> [Float64Question] {
        let cells = comparison.cells
        var furthest: [String: (question: Float64Question, distance: Double)] = [:]
        for pair in comparison.pairs where pair.relation == .withinTolerance {
            let (left, right) = (cells[pair.left], cells[pair.right])
            guard left.node.isWitness != right.node.isWitness, let metrics = pair.metrics,
                let image = metrics.place?.first
            else { continue }
            let (engine, witness) = left.node.isWitness ? (right, left) : (left, right)
            guard metrics.maximum > furthest[witness.node.name]?.distance ?? 0 else { continue }
            let question = Float64Question(left: engine.cell, right: witness.cell, image: image, isDispute: false)
            furthest[witness.node.name] = (question, metrics.maximum)
        }
        return furthest.sorted { $0.key < $1.key }.prefix(limit).map(\.value.question)
    }

    /// Most disputes of a run that are looked at, and most witnesses: each takes a pass in double precision.
    private static let limit = 4

    /// The disputes of a run: numeric classes further apart than the tolerance, and sides of one class of which neither has a majority,
    /// where the referee contradicts none.
    ///
    /// The image is the first whose mean over the tokens has other bits.
    private static func disputes(in comparison: Comparison) -> [Float64Question] {
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
