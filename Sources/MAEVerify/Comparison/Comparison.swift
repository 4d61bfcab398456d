import MAEDomain
import MAEText

/// All observations of a run, compared two by two inside each batch.
///
/// The order of the observations that it is made from does not matter.
public struct Comparison: Sendable {
    /// What the run set out to do.
    public let plan: RunPlan
    /// The first run of each cell; by batch, then node (2 before 10), then method as the plan lists them.
    public let cells: [Observation]
    /// Every two cells of a batch.
    public let pairs: [PairComparison]
    /// The cells that were computed more than once.
    public let reruns: [RerunComparison]
    /// Work that failed, on cells that stayed empty; of many, some of each node, method and code.
    public let failures: [ShardFailure]
    /// The nodes that answered, by name.
    public let nodes: [NodeIdentity]
    /// The loading methods, as the plan lists them, then any others.
    public let methods: [LoadingMethod]
    /// The batches, ascending.
    public let batches: [Int]
    /// Which parameters are copies of others in half precision, as far as their files were at hand.
    public let copies: [HalfPrecisionCopy]

    /// How the run went apart from its results.
    public let circumstances: RunCircumstances
    /// What came of setting answers against those that this machine computed.
    public let referee: RefereeReport
    /// Where cells part that had to agree, as far as nodes were asked.
    public let attributions: [Attribution]
    /// The batches of a long run that are only counted, and are in none of ``cells`` and ``pairs``; nil where there are none, and all
    /// failures are in ``failures``.
    public let counted: CountedBatches?
    /// Where tokens of witnesses leave the tolerance, as far as nodes were asked; empty in a comparison that was made before, whose
    /// findings tell it.
    let partings: [LayerParting]

    /// Compares what a run saw; `failures` of cells that were filled later are left out.
    ///
    /// What nodes answered to the batch that is drawn for the run alone is in no cell: it is set against the referee's answers.
    public init(
        plan: RunPlan, observations: [Observation], failures: [ShardFailure] = [], copies: [HalfPrecisionCopy] = [],
        circumstances: RunCircumstances = RunCircumstances(), referee: RefereeAnswers = RefereeAnswers()
    ) {
        self.init(
            plan: plan, results: RunResults(whole: observations), failures: failures, copies: copies,
            circumstances: circumstances, referee: referee)
    }

    /// The same of results some of which may only be counted.
    public init(
        plan: RunPlan, results: RunResults, failures: [ShardFailure] = [], copies: [HalfPrecisionCopy] = [],
        circumstances: RunCircumstances = RunCircumstances(), referee: RefereeAnswers = RefereeAnswers()
    ) {
        let fresh = results.whole.filter { plan.isFresh($0.batch.index) }
        let observations = results.whole.filter { !plan.isFresh($0.batch.index) }
        self.plan = plan
        self.circumstances = circumstances
        self.copies = copies
        let methods = Self.methods(plan, observations)
        let rank = Dictionary(uniqueKeysWithValues: methods.enumerated().map { ($1.label, $0) })
        var runs: [Cell: [Observation]] = [:]
        for observation in observations { runs[observation.cell, default: []].append(observation) }
        for cell in runs.keys { runs[cell]?.sort { $0.attempt < $1.attempt } }
        let filled = runs.keys.sorted { left, right in
            guard left.batch == right.batch else { return left.batch < right.batch }
            guard left.node == right.node else { return NaturalOrder.precedes(left.node, right.node) }
            return rank[left.method, default: 0] < rank[right.method, default: 0]
        }
        let cells = filled.compactMap { runs[$0]?.first }
        var comparer = PairComparer(tolerance: plan.tolerance)
        self.cells = cells
        self.methods = methods
        pairs = Self.places(of: cells).map { comparer.compare(cells[$0.left], cells[$0.right], at: $0) }
        reruns = filled.compactMap { Self.rerun($0, runs[$0] ?? [], &comparer) }
        self.referee = RefereeReport(plan, fresh: fresh, cells: cells, referee, &comparer)
        let answers = Answers(observations)
        attributions = FollowUp.suspects(in: observations).compactMap { Attribution($0, answers) }
        partings = LayerParting.all(in: observations, answers, plan.tolerance)
        let lost = MissingPlaces(Self.lost(failures, filled: Set(runs.keys).union(fresh.map(\.cell)), plan))
        self.failures = lost.named
        counted = lost.counted(with: results.counted)
        nodes = Self.nodes(of: cells)
        batches = Self.batches(of: cells)
    }

    /// A comparison that was made before, as it was.
    ///
    /// `cells` are in the order of ``cells``, and `pairs` in that of ``places(of:)``.
    package init(
        plan: RunPlan, cells: [Observation], pairs: [PairComparison], reruns: [RerunComparison] = [],
        failures: [ShardFailure] = [], copies: [HalfPrecisionCopy] = [],
        circumstances: RunCircumstances = RunCircumstances(), referee: RefereeReport = .empty,
        attributions: [Attribution] = [], counted: CountedBatches? = nil
    ) {
        self.plan = plan
        self.cells = cells
        self.pairs = pairs
        self.reruns = reruns
        self.failures = failures
        self.copies = copies
        self.circumstances = circumstances
        self.referee = referee
        self.attributions = attributions
        self.counted = counted
        partings = []
        methods = Self.methods(plan, cells)
        nodes = Self.nodes(of: cells)
        batches = Self.batches(of: cells)
    }

    /// The failures that left a place empty, by cell.
    ///
    /// Where a node lacks other results by the same method, that for the batch of the run alone says nothing more.
    private static func lost(
        _ failures: [ShardFailure], filled: Set<Cell>, _ plan: RunPlan
    ) -> [ShardFailure] {
        struct Share: Hashable { let node, method: String }
        let empty = failures.filter { !filled.contains($0.cell) }
        let lacking = Set(
            empty.filter { !plan.isFresh($0.batch) }.map { Share(node: $0.node, method: $0.method) })
        return empty.filter {
            !plan.isFresh($0.batch) || !lacking.contains(Share(node: $0.node, method: $0.method))
        }.sorted { $0.cell < $1.cell }
    }

    private static func nodes(of cells: [Observation]) -> [NodeIdentity] {
        let identities = Dictionary(cells.map { ($0.node.name, $0.node) }, uniquingKeysWith: { first, _ in first })
        return identities.values.sorted { NaturalOrder.precedes($0.name, $1.name) }
    }

    private static func batches(of cells: [Observation]) -> [Int] { Set(cells.map(\.batch.index)).sorted() }

    private static func methods(_ plan: RunPlan, _ observations: [Observation]) -> [LoadingMethod] {
        var seen: Set<String> = []
        let others = observations.map(\.method).sorted { ($0.label, $0.path) < ($1.label, $1.path) }
        return (plan.methods + others).filter { seen.insert($0.label).inserted }
    }

    /// Every two of `cells` that are of one batch, where the cells of a batch are next to each other.
    package static func places(of cells: [Observation]) -> [(left: Int, right: Int)] {
        cells.indices.flatMap { left in
            cells.indices[(left + 1)...].prefix { cells[$0].batch.index == cells[left].batch.index }.map { (left, $0) }
        }
    }

    private static func rerun(
        _ cell: Cell, _ runs: [Observation], _ comparer: inout PairComparer
    ) -> RerunComparison? {
        guard let first = runs.first, runs.count > 1 else { return nil }
        var result = RerunComparison(cell: cell, runs: runs.count)
        for again in runs.dropFirst() {
            // NaN agrees with nothing, but the same bits are no sign of a node that changes what it computes.
            guard again.weights.digest != first.weights.digest || again.digests != first.digests else { continue }
            let pair = comparer.compare(first, again, at: (0, 1))
            guard case .differs(let stage) = pair.relation else { continue }
            if stage < result.differs ?? .pooled || result.differs == nil {
                (result.differs, result.metrics) = (stage, pair.metrics)
            }
        }
        return result
    }

    /// The first places that a node of this name has in the matrix, at most `limit`, and how many there are; none where nodes share the
    /// batches out.
    public func places(of node: String, limit: Int) -> (first: [Cell], count: Int) {
        guard plan.replicas == nil else { return ([], 0) }
        let first = (0..<plan.batches).lazy.flatMap { batch in
            methods.lazy.map { Cell(node: node, method: $0.label, batch: batch) }
        }.prefix(max(limit, 0))
        return (Array(first), plan.batches * methods.count)
    }

    /// Whether some results are only counted, so that ``cells`` are not all that there are.
    public var isCounted: Bool { counted?.batches ?? 0 > 0 }

    /// Results that were compared, those that are only counted included.
    public var resultCount: Int { cells.count + (counted?.results ?? 0) }

    /// Pairs of results that were compared, those that are only counted included.
    public var pairCount: Int { pairs.count + (counted?.pairs ?? 0) }

    /// The same by the name of how they relate; without relations that no pair has.
    public var pairCounts: [String: Int] {
        var counts = Dictionary(grouping: pairs, by: \.relation.name).mapValues(\.count)
        guard let counted else { return counts }
        let equal = counted.pairs - counted.closePairs - counted.disagreeingPairs
        for (relation, count) in [
            (PairComparison.Relation.identical, equal), (.withinTolerance, counted.closePairs),
            (.differs(at: .layernorm), counted.disagreeingPairs),
        ] where count > 0 { counts[relation.name, default: 0] += count }
        return counts
    }

    /// Pairs of them that disagree.
    var disagreeingPairCount: Int { pairs.count { !$0.agrees } + (counted?.disagreeingPairs ?? 0) }

    /// Batches with results, those that are only counted included.
    public var batchCount: Int { batches.count + (counted?.batches ?? 0) }

    /// Results that are missing, those that are not named included.
    public var missingResults: Int { failures.count + (counted?.missingResults ?? 0) }

    /// How many of the expected nodes are missing: those that had nothing to run are not.
    public var missingNodes: Int { max(plan.workers - nodes.count - circumstances.idle.count, 0) }

    /// Whether the run got everything it set out for.
    public var isComplete: Bool { failures.isEmpty && missingNodes == 0 }
}
