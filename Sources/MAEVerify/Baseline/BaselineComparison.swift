import MAEDomain

/// The results of a run set against a baseline, one after the other: of a long run they need not be in memory together.
public struct BaselineComparison: Sendable {
    /// What may be other than in the baseline, in the order in which a difference travels.
    enum Step: CaseIterable {
        case weights, input, maskRatio, noise, mask
    }

    /// The baseline.
    public let baseline: Baseline
    /// How many results have the baseline's bits, how many have others, and how many nothing in it stands for: of another class, or by
    /// another method.
    public private(set) var held = 0, changed = 0, unchecked = 0
    /// The first results with other bits, at most ``mostCells``.
    private(set) var changedCells: [Cell] = []
    /// Names of the nodes that gave the baseline's bits, and of those that gave others.
    private(set) var heldNodes: Set<String> = [], changedNodes: Set<String> = []
    /// Builds of the engine of the latter.
    private(set) var changedBuilds: Set<String> = []
    /// Labels of the methods by which something is other than in the baseline where the bits are.
    private(set) var changedMethods: [Step: Set<String>] = [:]
    /// Classes of results that nothing in the baseline stands for.
    private(set) var uncheckedClasses: Set<String> = []

    /// More results with other bits are counted, not named.
    private static let mostCells = 1000

    private let plan: RunPlan
    private let pinned: [Baseline.Place: Baseline.Result]

    private init(_ baseline: Baseline, _ plan: RunPlan) {
        (self.baseline, self.plan) = (baseline, plan)
        pinned = Dictionary(
            baseline.results.map { (Baseline.Place(batch: $0.batch.index, method: $0.method), $0) },
            uniquingKeysWith: { first, _ in first })
    }

    /// Sets what nodes gave to the pinned batches against `baseline`; what a witness gave is not its matter.
    ///
    /// `comparison` has all results of its run one by one: see ``Comparison/isCounted``.
    public init(_ baseline: Baseline, _ comparison: Comparison) {
        self.init(baseline, comparison.plan)
        for cell in comparison.cells { take(cell) }
    }

    /// The same of a long run, whose results are read one by one.
    ///
    /// - Parameter read: hands over every result of the run; re-runs are passed over.
    public init(
        _ baseline: Baseline, _ plan: RunPlan, reading read: (_ take: (Observation) -> Void) throws -> Void
    ) rethrows {
        self.init(baseline, plan)
        try read { take($0) }
    }

    private mutating func take(_ cell: Observation) {
        guard plan.isPinned(cell.batch.index), cell.node.promisesBits, cell.attempt == 0 else { return }
        let place = Baseline.Place(batch: cell.batch.index, method: cell.method.label)
        guard let result = pinned[place], result.batch == cell.batch,
            let output = result.outputs[cell.node.numericClass]
        else {
            unchecked += 1
            uncheckedClasses.insert(cell.node.numericClass)
            return
        }
        guard output != cell.digests.layernorm else {
            held += 1
            heldNodes.insert(cell.node.name)
            return
        }
        changed += 1
        changedNodes.insert(cell.node.name)
        changedBuilds.insert(cell.node.engineBuild)
        if changedCells.count < Self.mostCells { changedCells.append(cell.cell) }
        for step in Step.allCases where step.isOther(cell, result) {
            changedMethods[step, default: []].insert(cell.method.label)
        }
    }

    /// Whether anything could be set against the baseline.
    public var isAnyChecked: Bool { held + changed > 0 }

    /// Whether all of that has the baseline's bits.
    public var holds: Bool { isAnyChecked && changed == 0 }
}

extension BaselineComparison.Step {
    fileprivate func isOther(_ cell: Observation, _ pinned: Baseline.Result) -> Bool {
        switch self {
        case .weights: cell.weights.digest != pinned.weights
        case .input: cell.digests.input != pinned.input
        case .maskRatio: cell.maskRatio.value != pinned.maskRatio
        case .noise: cell.digests.noise != pinned.noise
        case .mask: cell.digests.mask != pinned.mask
        }
    }
}
