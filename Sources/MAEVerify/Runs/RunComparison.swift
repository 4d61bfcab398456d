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

    /// A node that took part in both runs.
    public struct SharedNode: Sendable {
        /// Its name.
        public let name: String
        /// Work that it did in both.
        public let common: Int
        /// How much of that has other output bits than before.
        public let changed: Int
        /// How much of that is of a class that promises its bits, and was of the same one before.
        public let broken: Int
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
    public let entries: [Entry]
    /// Nodes of both, by name.
    public let nodes: [SharedNode]
    /// Names of nodes that only one of the runs had.
    public let onlyEarlier, onlyLater: [String]
    /// Labels of methods that only one of the runs had.
    public let methodsOnlyEarlier, methodsOnlyLater: [String]
    /// Files that changed.
    public let files: [ChangedFiles]

    /// Sets `later` against `earlier`; between numeric classes the tolerance decides, where none is given that of the later run.
    public init(_ earlier: Comparison, _ later: Comparison, tolerance: Tolerance? = nil) {
        (self.earlier, self.later) = (earlier.plan, later.plan)
        var comparer = PairComparer(tolerance: tolerance ?? later.plan.tolerance)
        let (before, now) = (WorkDone(earlier), WorkDone(later))
        entries = now.order.compactMap { work in
            guard let one = before.answers[work], let other = now.answers[work] else { return nil }
            return Entry(
                method: work.method, batches: (one.cell.batch.index, other.cell.batch.index),
                pair: comparer.compare(one.cell, other.cell, at: (0, 1)),
                weights: comparer.weightsDifference(one.cell, other.cell),
                isDivided: (one.isDivided, other.isDivided))
        }
        let old = Dictionary(earlier.nodes.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        nodes = later.nodes.compactMap { node in
            guard let known = old[node.name] else { return nil }
            let outputs = now.outputs(of: node.name)
            let common = before.outputs(of: node.name).compactMap { work, cell in
                outputs[work].map { now in
                    (isOther: now.hasOtherOutput(than: cell, &comparer), isPromised: now.hasToRepeat(cell))
                }
            }
            return SharedNode(
                name: node.name, common: common.count, changed: common.count(where: \.isOther),
                broken: common.count { $0.isOther && $0.isPromised },
                difference: MachineDifference(between: [known], and: [node]))
        }
        let names = (Set(earlier.nodes.map(\.name)), Set(later.nodes.map(\.name)))
        onlyEarlier = names.0.subtracting(names.1).sorted(by: NaturalOrder.precedes)
        onlyLater = names.1.subtracting(names.0).sorted(by: NaturalOrder.precedes)
        let labels = (earlier.methods.map(\.label), later.methods.map(\.label))
        methodsOnlyEarlier = labels.0.filter { !labels.1.contains($0) }
        methodsOnlyLater = labels.1.filter { !labels.0.contains($0) }
        files = Self.changedFiles(earlier.plan, later.plan)
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
        guard !entries.isEmpty else { return .nothingInCommon }
        guard entries.allSatisfy(\.pair.agrees) else { return .different }
        guard nodes.allSatisfy({ $0.broken == 0 }) else { return .nodesChanged }
        return entries.allSatisfy { $0.pair.relation == .identical } ? .same : .withinTolerance
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
    /// What is the same question in any run.
    struct Work: Hashable {
        let method: String
        let seed: UInt64
        let size: Int
        /// Where the images come from; nil where they are drawn from the seed.
        let images: String?
        /// Index of the batch among those images; 0 where they are drawn.
        let place: Int
        let draw: Int

        init(_ cell: Observation, _ plan: RunPlan) {
            (method, size, draw) = (cell.method.label, cell.batch.size, cell.noise.draw)
            images = plan.images?.path
            (seed, place) = images == nil ? (cell.batch.seed, 0) : (0, cell.batch.index)
        }
    }

    struct Answer {
        /// One of those that gave what most gave; of equally many, the first by name.
        let cell: Observation
        let isDivided: Bool
    }

    /// The questions, in the order of batches and then methods.
    private(set) var order: [Work] = []
    private(set) var answers: [Work: Answer] = [:]
    private let cells: [Work: [Observation]]

    init(_ comparison: Comparison) {
        var cells: [Work: [Observation]] = [:]
        for cell in comparison.cells {
            let work = Work(cell, comparison.plan)
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
    func outputs(of node: String) -> [Work: Observation] {
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
