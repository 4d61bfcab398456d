import MAEDomain
import MAETensor
import MAEText

/// Two runs side by side: whether both gave the same bits where both computed the same, and what changed between them.
///
/// Nodes that agree with each other night after night may all have changed together, with a driver or a file: only an earlier run
/// shows that.
public struct RunComparison: Sendable {
    /// One batch by one method, as both runs computed it.
    public struct Entry: Sendable {
        /// Label of the method.
        public let method: String
        /// Index of the batch in each run.
        public let batches: (earlier: Int, later: Int)
        /// What most nodes of the earlier run gave, set against what most of the later gave.
        public let pair: PairComparison
        /// How the parameters differ by name; nil where they are equal, or no fingerprints were sent.
        public let weights: WeightsDifference?
        /// Whether nodes of a run gave different outputs, so that only most of them stand for it.
        public let isDivided: (earlier: Bool, later: Bool)
    }

    /// How much of what both runs computed relates in which way.
    public struct Counts: Sendable, Hashable {
        /// Has the same bits.
        public var identical = 0
        /// Is within the tolerance.
        public var withinTolerance = 0
        /// Differs.
        public var differing = 0

        /// All of it.
        public var all: Int { identical + withinTolerance + differing }

        mutating func add(_ relation: PairComparison.Relation) {
            switch relation {
            case .identical: identical += 1
            case .withinTolerance: withinTolerance += 1
            case .differs: differing += 1
            }
        }
    }

    /// Most entries that agree, and most that do not have the same bits.
    private static let mostEntries = (agreeing: 1000, differing: 1000)

    /// A node that took part in both runs.
    public struct SharedNode: Sendable {
        /// Its name.
        public let name: String
        /// Work that it did in both.
        public fileprivate(set) var common: Int
        /// How much of that has other output bits than before.
        public fileprivate(set) var changed: Int
        /// How much of that is of a class that promises its bits, and was of the same one before.
        public fileprivate(set) var broken: Int
        /// What its machine and engine had before, and have now.
        public let difference: MachineDifference
    }

    /// Files that are not what they were, at a path that both runs used.
    public struct ChangedFiles: Sendable, Hashable {
        /// What they are for.
        public let role: CheckpointFiles.Role
        /// Where they lie.
        public let path: String
        /// Names of the files that are new, gone or have another content.
        public let names: [String]
    }

    /// What the runs set out to do.
    public let earlier, later: RunPlan
    /// What both computed, in the order of the later run; the batches that each drew for itself are none of it.
    ///
    /// Of long runs the first of those that agree, and of those that differ: all are in ``counts``.
    public private(set) var entries: [Entry] = []
    /// How many of all that both computed relate in each way.
    public private(set) var counts = Counts()
    /// How much of the later run the earlier one has not computed, or from other images or noise: nothing is known of it.
    public private(set) var notCompared = 0
    /// Nodes of both, by name.
    public private(set) var nodes: [SharedNode] = []
    /// Names of nodes that only one of the runs had.
    public let onlyEarlier, onlyLater: [String]
    /// Labels of methods that only one of the runs had.
    public let methodsOnlyEarlier, methodsOnlyLater: [String]
    /// Files that changed.
    public let files: [ChangedFiles]

    /// Sets `later` against `earlier`; between numeric classes the tolerance decides, where none is given that of the later run.
    public init(_ earlier: Comparison, _ later: Comparison, tolerance: Tolerance? = nil) {
        self.init(earlier, later, tolerance: tolerance) { take in take(earlier.cells, later.cells) }
    }

    /// The same of long runs, whose results are read batch by batch.
    ///
    /// - Parameter read: hands over the first results of each cell, those of the earlier run and those of the later, all of a batch at
    ///   once and in ascending order of the later run's batches.
    public init(
        _ earlier: Comparison, _ later: Comparison, tolerance: Tolerance? = nil,
        reading read: (_ take: ([Observation], [Observation]) -> Void) throws -> Void
    ) rethrows {
        (self.earlier, self.later) = (earlier.plan, later.plan)
        let names = (Set(earlier.nodes.map(\.name)), Set(later.nodes.map(\.name)))
        onlyEarlier = names.0.subtracting(names.1).sorted(by: NaturalOrder.precedes)
        onlyLater = names.1.subtracting(names.0).sorted(by: NaturalOrder.precedes)
        let labels = (earlier.methods.map(\.label), later.methods.map(\.label))
        methodsOnlyEarlier = labels.0.filter { !labels.1.contains($0) }
        methodsOnlyLater = labels.1.filter { !labels.0.contains($0) }
        files = Self.changedFiles(earlier.plan, later.plan)
        let old = Dictionary(earlier.nodes.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        nodes = later.nodes.compactMap { node in
            old[node.name].map {
                SharedNode(
                    name: node.name, common: 0, changed: 0, broken: 0,
                    difference: MachineDifference(between: [$0], and: [node]))
            }
        }
        var comparer = PairComparer(tolerance: tolerance ?? later.plan.tolerance)
        try read { before, now in
            take(WorkDone(before, earlier), WorkDone(now, later), &comparer)
            comparer.forgetOutputs()
        }
    }

    private mutating func take(_ before: WorkDone, _ now: WorkDone, _ comparer: inout PairComparer) {
        for work in now.order {
            guard let other = now.answers[work] else { continue }
            guard let one = before.answers[work] else {
                notCompared += 1
                continue
            }
            let pair = comparer.compare(one.cell, other.cell, at: (0, 1))
            counts.add(pair.relation)
            let isSame = pair.relation == .identical
            // Those that agree and are listed are the first of them.
            let agreeing = min(counts.identical, Self.mostEntries.agreeing)
            guard
                isSame
                    ? counts.identical <= Self.mostEntries.agreeing
                    : entries.count - agreeing < Self.mostEntries.differing
            else { continue }
            entries.append(
                Entry(
                    method: work.method, batches: (one.cell.batch.index, other.cell.batch.index), pair: pair,
                    weights: comparer.weightsDifference(one.cell, other.cell),
                    isDivided: (one.isDivided, other.isDivided)))
        }
        for index in nodes.indices {
            let outputs = now.outputs(of: nodes[index].name)
            for (work, cell) in before.outputs(of: nodes[index].name) {
                guard let now = outputs[work] else { continue }
                let isOther = now.hasOtherOutput(than: cell, &comparer)
                nodes[index].common += 1
                if isOther { nodes[index].changed += 1 }
                if isOther, now.hasToRepeat(cell) { nodes[index].broken += 1 }
            }
        }
    }

    /// The answer.
    public enum Outcome: String, Sendable {
        /// All that both computed has the same bits.
        case same
        /// It agrees, some of it by the tolerance: the numeric classes are others.
        case withinTolerance = "within-tolerance"
        /// Some of it has other bits.
        case different
        /// What most nodes gave agrees, but a node gave other bits than itself before, though its class promises them.
        case nodesChanged = "nodes-changed"
        /// The runs have no work in common.
        case nothingInCommon = "nothing-in-common"
    }

    /// The answer to whether the later run reproduces the earlier one.
    public var outcome: Outcome {
        guard counts.all > 0 else { return .nothingInCommon }
        guard counts.differing == 0 else { return .different }
        guard nodes.allSatisfy({ $0.broken == 0 }) else { return .nodesChanged }
        return counts.withinTolerance == 0 ? .same : .withinTolerance
    }

    /// Files at the same path that are not what they were.
    package static func changedFiles(_ earlier: RunPlan, _ later: RunPlan) -> [ChangedFiles] {
        (later.checkpoints ?? []).compactMap { files in
            guard let known = earlier.files(files.role, at: files.path), known.digest != files.digest else {
                return nil
            }
            let before = Dictionary(known.files.map { ($0.name, $0.digest) }, uniquingKeysWith: { first, _ in first })
            let now = Dictionary(files.files.map { ($0.name, $0.digest) }, uniquingKeysWith: { first, _ in first })
            let names = Set(before.keys).union(now.keys).filter { before[$0] != now[$0] }
            return ChangedFiles(role: files.role, path: files.path, names: names.sorted())
        }
    }
}

/// What the nodes of one run answered, by what they were asked.
private struct WorkDone {
    struct Answer {
        /// One of those that gave what most gave; of equally many, the first by name.
        let cell: Observation
        let isDivided: Bool
    }

    /// The work, in the order of batches and then methods.
    private(set) var order: [WorkUnit] = []
    private(set) var answers: [WorkUnit: Answer] = [:]
    private let cells: [WorkUnit: [Observation]]

    /// Sorts results of a run; `comparison` is that of the whole run.
    init(_ observations: [Observation], _ comparison: Comparison) {
        var cells: [WorkUnit: [Observation]] = [:]
        for cell in observations {
            // The batch of the referee is in no other run.
            guard
                let work = WorkUnit(method: cell.method.label, batch: cell.batch.index, of: comparison.plan)
            else { continue }
            if cells[work] == nil { order.append(work) }
            cells[work, default: []].append(cell)
        }
        let ranks = Dictionary(uniqueKeysWithValues: comparison.methods.enumerated().map { ($1.label, $0) })
        let places = cells.mapValues { $0.first?.batch.index ?? 0 }
        order.sort {
            (places[$0, default: 0], ranks[$0.method, default: 0]) < (
                places[$1, default: 0], ranks[$1.method, default: 0]
            )
        }
        for (work, group) in cells {
            var counts: [SHA256Digest: Int] = [:]
            // Other bits of a witness divide no run.
            let promising = group.filter(\.node.promisesBits)
            let voters = promising.isEmpty ? group : promising
            for cell in voters { counts[cell.digests.layernorm, default: 0] += 1 }
            let most = counts.values.max() ?? 0
            guard let cell = voters.first(where: { counts[$0.digests.layernorm] == most }) else { continue }
            answers[work] = Answer(cell: cell, isDivided: counts.count > 1 && !promising.isEmpty)
        }
        self.cells = cells
    }

    /// What one node gave.
    func outputs(of node: String) -> [WorkUnit: Observation] {
        cells.compactMapValues { group in group.first { $0.node.name == node } }
    }
}

extension Observation {
    /// Whether the bits of the same work have to be those of `earlier`.
    fileprivate func hasToRepeat(_ earlier: Observation) -> Bool {
        node.promisesBits && node.numericClass == earlier.node.numericClass
    }

    /// Whether the output of the same work is another one: in its bits, or where these are not promised beyond the tolerance.
    fileprivate func hasOtherOutput(than earlier: Observation, _ comparer: inout PairComparer) -> Bool {
        guard digests.layernorm != earlier.digests.layernorm else { return false }
        return node.promisesBits || earlier.node.promisesBits || !comparer.compare(earlier, self, at: (0, 1)).agrees
    }
}
