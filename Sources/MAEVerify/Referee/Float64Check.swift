import MAEDomain
import MAETensor
import MAEText

/// Two results, set against what this machine computed in double precision.
public struct Float64Check: Sendable, Equatable {
    /// By how much one result is off, in the mean over the tokens of one image.
    public struct Side: Sendable, Equatable {
        /// The result.
        public var cell: Cell
        /// What it is called: its node, or its numeric class where the classes differ; PyTorch and its node for a witness.
        public var name: String
        /// Largest absolute error; infinite where a value is not finite.
        public var maximum: Double
        /// Root of the mean squared error; infinite where a value is not finite.
        public var rms: Double

        package init(cell: Cell, name: String, maximum: Double, rms: Double) {
            (self.cell, self.name, self.maximum, self.rms) = (cell, name, maximum, rms)
        }
    }

    /// The image of the batch.
    public var image: Int
    /// The results.
    public var left: Side, right: Side
    /// Whether the two disagree.
    public var isDispute: Bool

    /// A side is wrong when its error is more than so many times the other's: rounding in fp32 does not differ by as much.
    private static let factor = 10.0

    package init(image: Int, left: Side, right: Side, isDispute: Bool = true) {
        (self.image, self.left, self.right, self.isDispute) = (image, left, right, isDispute)
    }

    /// The side that is wrong; nil where neither is clearly closer to the right values, or both are within the tolerance.
    public var wrong: Side? {
        guard isDispute else { return nil }
        if left.rms > Self.factor * right.rms { return left }
        return right.rms > Self.factor * left.rms ? right : nil
    }

    /// Nil where an answer does not fit the results.
    init?(_ answer: Float64Answer, _ cells: [Observation]) {
        let question = answer.question
        guard let left = cells.first(where: { $0.cell == question.left }),
            let right = cells.first(where: { $0.cell == question.right })
        else { return nil }
        let areOfClasses = left.node.numericClass != right.node.numericClass
        let sides = [left, right].compactMap { observation in
            Side(
                observation, Self.name(observation.node, byClass: areOfClasses), question.image, answer.pooled)
        }
        guard sides.count == 2 else { return nil }
        self.init(image: question.image, left: sides[0], right: sides[1], isDispute: question.isDispute)
    }

    private static func name(_ node: NodeIdentity, byClass: Bool) -> String {
        Witness(node).map { "\($0.program) on \($0.node)" } ?? (byClass ? node.numericClass : node.name)
    }

    /// By how much each side is off, and which is wrong, as a sentence.
    var sentence: String {
        func size(_ side: Side) -> String {
            "by at most \(NumberText.short(side.maximum)) (root mean square \(NumberText.short(side.rms)))"
        }
        let judgement =
            switch wrong {
            case nil: isDispute ? ": neither is clearly closer" : ""
            case left: ": the former is wrong"
            default: ": the latter is wrong"
            }
        return "Against float64, \(left.name) is off \(size(left)), \(right.name) \(size(right))\(judgement). "
            + "(Mean over the tokens of image \(image), \(left.cell) and \(right.cell).)"
    }
}

extension Float64Check.Side {
    fileprivate init?(_ observation: Observation, _ name: String, _ image: Int, _ truth: [Double]) {
        guard observation.pooled.shape.count == 2, image < observation.pooled.shape[0],
            observation.pooled.shape[1] == truth.count, !truth.isEmpty
        else { return nil }
        var (maximum, squares) = (0.0, 0.0)
        for (value, right) in zip(observation.pooled.rows(image..<image + 1).elements, truth) {
            let error = value.isFinite ? abs(Double(value) - right) : .infinity
            maximum = max(maximum, error)
            squares += error * error
        }
        self.init(
            cell: observation.cell, name: name, maximum: maximum, rms: (squares / Double(truth.count)).squareRoot())
    }
}

extension DiagnosisContext {
    /// What double precision says of disputes about some of the cells, as sentences.
    func float64Evidence(on cells: [Cell]) -> [String] {
        let places = Set(cells)
        let checks = comparison.referee.float64.filter(\.isDispute).filter {
            places.contains($0.left.cell) || places.contains($0.right.cell)
        }
        return checks.map(\.sentence)
    }
}
