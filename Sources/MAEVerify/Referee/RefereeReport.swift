import MAEDomain

/// Answers of nodes to the batch that is drawn for a run alone, and to a sample of the others, set against what this machine computes.
///
/// Nodes that only agree with each other prove nothing: all of them may hand in what an earlier run computed. Nothing can be known
/// beforehand of a batch that is drawn when the run begins (BOINC calls work whose answer is known a spot check).
public struct RefereeReport: Sendable {
    /// One answer of a node, set against that of the referee.
    public struct Check: Sendable, Equatable {
        /// Which answer it is.
        public var cell: Cell
        /// How it relates to the right one.
        public var relation: PairComparison.Relation
        /// What is known of a difference between them.
        public var metrics: DifferenceMetrics?
        /// Whose answer it was set against.
        public var standard: Standard

        /// Describes a check.
        public init(cell: Cell, relation: PairComparison.Relation, metrics: DifferenceMetrics?, standard: Standard) {
            self.cell = cell
            self.relation = relation
            self.metrics = metrics
            self.standard = standard
        }

        /// Whether the node gave another answer than the right one, as far as bits or the tolerance tell.
        public var isWrong: Bool { if case .differs = relation { true } else { false } }
    }

    /// Whose answer is taken for the right one.
    public enum Standard: Sendable, Hashable, CaseIterable {
        /// That of this machine, which computed it.
        case thisMachine
        /// That of more than half of the nodes: this machine could not compute it.
        case mostNodes
    }

    /// The numeric class that this machine computes in; nil where it computed nothing.
    public let numericClass: String?
    /// The checks, by cell.
    public let checks: [Check]
    /// What this machine could not compute, and why.
    public let obstacles: [RefereeAnswers.Obstacle]
    /// Answers to the batch of the run that did not come, of nodes that gave others by the same method.
    public let unanswered: [Cell]
    /// Results that were set against a computation in double precision.
    public internal(set) var float64: [Float64Check]

    /// Sets the answers of nodes against those of the referee.
    ///
    /// - Parameters:
    ///   - fresh: what nodes answered to the batch that is drawn for the run.
    ///   - cells: the first answer to each of the other batches.
    init(
        _ plan: RunPlan, fresh: [Observation], cells: [Observation], _ referee: RefereeAnswers,
        _ comparer: inout PairComparer
    ) {
        var checks: [Check] = []
        for group in Dictionary(grouping: fresh + cells, by: { Question($0) }) {
            let isFresh = plan.isFresh(group.key.batch)
            let answer = referee.answers.first { Question($0) == group.key }
            guard let right = answer ?? (isFresh ? Self.majority(of: group.value) : nil) else { continue }
            for observation in group.value {
                let pair = comparer.compare(right, observation, at: (0, 1))
                // Whose files are right is not known here: that they differ is a finding of its own.
                if answer == nil, pair.relation.isOfFiles { continue }
                // NaN agrees with nothing, but the same bits are no wrong answer.
                let isSame = right.weights.digest == observation.weights.digest && right.digests == observation.digests
                checks.append(
                    Check(
                        cell: observation.cell, relation: isSame ? .identical : pair.relation,
                        metrics: isSame ? nil : pair.metrics, standard: answer == nil ? .mostNodes : .thisMachine))
            }
        }
        self.checks = checks.sorted { $0.cell < $1.cell }
        numericClass = referee.answers.first?.node.numericClass
        obstacles = referee.obstacles
        float64 = referee.float64.compactMap { Float64Check($0, cells) }
        let answered = Set(fresh.map(\.cell))
        let due = plan.freshBatch.map { batch in
            Set(cells.map { Cell(node: $0.node.name, method: $0.method.label, batch: batch) })
        }
        unanswered = (due ?? []).subtracting(answered).sorted()
    }

    /// A report that was made before, as it was.
    package init(
        numericClass: String?, checks: [Check], obstacles: [RefereeAnswers.Obstacle], unanswered: [Cell],
        float64: [Float64Check] = []
    ) {
        self.numericClass = numericClass
        self.checks = checks
        self.obstacles = obstacles
        self.unanswered = unanswered
        self.float64 = float64
    }

    /// A report without a referee.
    package static var empty: RefereeReport {
        RefereeReport(numericClass: nil, checks: [], obstacles: [], unanswered: [])
    }

    /// Whether nothing was checked, and nothing was to be.
    package var isEmpty: Bool { checks.isEmpty && obstacles.isEmpty && unanswered.isEmpty && float64.isEmpty }

    /// Names of the nodes that gave a wrong answer, each once.
    public var wrongNodes: [String] {
        var seen: Set<String> = []
        return checks.filter { $0.isWrong && seen.insert($0.cell.node).inserted }.map(\.cell.node)
    }

    /// What more than half of the nodes answered, bit for bit; nil where no answer is that of so many, or only one node gave any.
    ///
    /// A witness has no vote: its bits are not promised.
    private static func majority(of observations: [Observation]) -> Observation? {
        let observations = observations.filter(\.node.promisesBits)
        let sides = Dictionary(grouping: observations, by: \.digests.layernorm).values
        return sides.first { 2 * $0.count > observations.count && $0.count > 1 }?.first
    }

    /// What was asked.
    private struct Question: Hashable {
        let method: String
        let batch: Int

        init(_ observation: Observation) {
            method = observation.method.label
            batch = observation.batch.index
        }
    }
}

extension PairComparison.Relation {
    /// Whether two results come from other files or settings.
    fileprivate var isOfFiles: Bool {
        guard case .differs(let stage) = self else { return false }
        return stage == .weights || stage == .configuration
    }
}
