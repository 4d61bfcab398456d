import MAEDomain

/// How the results of a witness relate to those of this project's engine, in figures.
public struct WitnessReport: Sendable, Equatable {
    /// What one loading method came to, over all batches.
    public struct MethodFigures: Sendable, Equatable {
        /// Label of the method.
        public let method: String
        /// Results that were set against an engine's.
        public let results: Int
        /// Largest difference of their elements.
        public let maximum: Double
        /// Root of the mean squared difference over all their elements.
        public let rms: Double
        /// Whether all of them agree.
        public let agrees: Bool
        /// Whether all of their outputs are within the tolerance, other weights or settings or not.
        public let isClose: Bool
    }

    /// What the witness is.
    public let witness: Witness
    /// The node.
    public let node: NodeIdentity
    /// Figures by method, in the order of the plan; without methods that gave nothing to compare.
    public let methods: [MethodFigures]
    /// Whether every method of a batch gave the witness the same bits; nil where it ran one method.
    public let hasEqualBits: Bool?
    /// Largest difference between its own results of a batch, by different methods; nil where none was measured.
    public let betweenMethods: Double?
    /// How far the witness and an engine are from double precision where they differ most; nil where that was not computed.
    public let float64: Float64Check?

    /// Whether all that was set against an engine's results agrees, and something was.
    public var agrees: Bool { !methods.isEmpty && methods.allSatisfy(\.agrees) }

    /// Largest difference of all; nil where nothing was compared.
    public var maximum: Double? { methods.map(\.maximum).max() }

    /// Root of the mean squared difference over all elements; nil where nothing was compared.
    public var rms: Double? {
        let results = methods.reduce(0) { $0 + $1.results }
        guard results > 0 else { return nil }
        let squares = methods.reduce(0) { $0 + $1.rms * $1.rms * Double($1.results) }
        return (squares / Double(results)).squareRoot()
    }

    init?(_ node: NodeIdentity, in comparison: Comparison, _ matrix: Matrix) {
        guard let witness = Witness(node) else { return nil }
        (self.witness, self.node) = (witness, node)
        let cells = comparison.cells.filter { $0.node.name == node.name }
        methods = comparison.methods.compactMap { method in
            MethodFigures(
                method: method.label,
                Self.measured(cells.filter { $0.method.label == method.label }, comparison, matrix)
                    ?? Self.checked(node.name, method.label, comparison), comparison.plan.tolerance
            )?.adding(comparison.counted?.shares.first { $0.node == node.name && $0.method == method.label })
        }
        let batches = Dictionary(grouping: cells, by: \.batch.index).values.filter { $0.count > 1 }
        hasEqualBits =
            batches.isEmpty ? nil : batches.allSatisfy { Set($0.map(\.digests.layernorm)).count == 1 }
        betweenMethods =
            comparison.pairs.filter { pair in
                [pair.left, pair.right].allSatisfy { comparison.cells[$0].node.name == node.name }
            }.compactMap { $0.metrics?.maximum }.max()
        float64 = comparison.referee.float64.first {
            !$0.isDispute && ($0.left.cell.node == node.name || $0.right.cell.node == node.name)
        }
    }

    /// Differences to what the cells' batches are set against; nil where that is no engine's.
    private static func measured(
        _ cells: [Observation], _ comparison: Comparison, _ matrix: Matrix
    ) -> [(DifferenceMetrics?, agrees: Bool)]? {
        let figures = cells.compactMap { cell -> (DifferenceMetrics?, agrees: Bool)? in
            guard let reference = matrix.references[cell.batch.index], !comparison.cells[reference].node.isWitness,
                let status = matrix[cell.node.name, cell.method.label, cell.batch.index]?.status
            else { return nil }
            if case .differs = status { return (matrix.difference(of: cell.cell), false) }
            return (matrix.difference(of: cell.cell), true)
        }
        return figures.isEmpty ? nil : figures
    }

    /// Differences to what this machine computed itself.
    private static func checked(
        _ node: String, _ method: String, _ comparison: Comparison
    ) -> [(DifferenceMetrics?, agrees: Bool)] {
        comparison.referee.checks.filter {
            $0.cell.node == node && $0.cell.method == method && $0.standard == .thisMachine
        }.map { ($0.metrics, !$0.isWrong) }
    }
}

extension WitnessReport.MethodFigures {
    /// The same with the results of a long run that are only counted: none of them lies further off than those that are not.
    fileprivate func adding(_ share: CountedBatches.Share?) -> Self {
        guard let share, share.results > 0 else { return self }
        let squares = rms * rms * Double(results) + share.squares
        return Self(
            method: method, results: results + share.results, maximum: maximum,
            rms: (squares / Double(results + share.results)).squareRoot(), agrees: agrees && share.differing == 0,
            isClose: isClose)
    }

    /// Nil without any figures.
    ///
    /// Results without a difference have the same bits.
    fileprivate init?(
        method: String, _ figures: [(metrics: DifferenceMetrics?, agrees: Bool)], _ tolerance: Tolerance
    ) {
        guard !figures.isEmpty else { return nil }
        let squares = figures.reduce(0.0) { $0 + ($1.metrics.map { $0.rms * $0.rms } ?? 0) }
        self.init(
            method: method, results: figures.count, maximum: figures.compactMap(\.metrics?.maximum).max() ?? 0,
            rms: (squares / Double(figures.count)).squareRoot(), agrees: figures.allSatisfy(\.agrees),
            isClose: figures.allSatisfy { $0.metrics?.passes(tolerance) ?? true })
    }
}

extension Comparison {
    /// What came of each witness, by name of its node; empty in a run without any.
    public var witnesses: [WitnessReport] {
        let witnesses = nodes.filter(\.isWitness)
        guard !witnesses.isEmpty else { return [] }
        let matrix = Matrix(self)
        return witnesses.compactMap { WitnessReport($0, in: self, matrix) }
    }
}
