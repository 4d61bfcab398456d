/// Two observations of one batch, side by side.
public struct PairComparison: Sendable, Equatable {
    /// How the two relate.
    public enum Relation: Sendable, Hashable {
        /// Same weights, same input, same kept patches, same output bits.
        case identical
        /// Outputs of different numeric classes, close enough.
        case withinTolerance
        /// The first stage that differs and could have caused the rest.
        case differs(at: Stage)

        /// Its name in reports, the store and metrics.
        public var name: String {
            switch self {
            case .identical: "identical"
            case .withinTolerance: "within-tolerance"
            case .differs: "differs"
            }
        }
    }

    /// Index of the one side in ``Comparison/cells``.
    public var left: Int
    /// Index of the other side in ``Comparison/cells``, larger than ``left``.
    public var right: Int
    /// How the two relate.
    public var relation: Relation
    /// Every stage that differs, causes and consequences alike.
    public var differing: StageSet
    /// Whether the two had to agree bit for bit.
    public var bitwise: Bool
    /// Whether the same patches came out in another order.
    public var reordered: Bool
    /// How far the outputs lie apart; nil when their bits are equal or their shapes are not.
    public var metrics: DifferenceMetrics?

    /// Describes how two observations relate.
    package init(
        left: Int, right: Int, relation: Relation, differing: StageSet, bitwise: Bool, reordered: Bool,
        metrics: DifferenceMetrics?
    ) {
        self.left = left
        self.right = right
        self.relation = relation
        self.differing = differing
        self.bitwise = bitwise
        self.reordered = reordered
        self.metrics = metrics
    }

    /// Whether the two agree.
    public var agrees: Bool {
        switch relation {
        case .identical, .withinTolerance: true
        case .differs: false
        }
    }
}

/// One cell computed more than once.
public struct RerunComparison: Sendable, Equatable {
    /// The cell.
    public var cell: Cell
    /// Number of runs, the first included.
    public var runs: Int
    /// The first stage at which some run differs from the first; nil when all bits are equal.
    public var differs: Stage?
    /// How far the outputs lie apart, when they do.
    public var metrics: DifferenceMetrics?

    /// Describes how the runs of a cell relate.
    package init(cell: Cell, runs: Int, differs: Stage? = nil, metrics: DifferenceMetrics? = nil) {
        self.cell = cell
        self.runs = runs
        self.differs = differs
        self.metrics = metrics
    }
}
