import MAETensor
import MAEText

/// Nodes times loading methods, each cell set against the output that most cells of its batch have.
///
/// Where most have a copy in half precision, each is set against the cell with the original instead. Results of a ``Witness`` stand for
/// most only in a batch that has no others.
public struct Matrix: Sendable {
    /// How one place of the matrix fared.
    public enum Status: Sendable, Hashable {
        /// The same bits as most.
        case identical
        /// What the others of its batch are set against, where no output is that of most.
        case reference
        /// Close enough to most, from another numeric class.
        case withinTolerance
        /// Differs from most, at this stage first.
        case differs(at: Stage)
        /// The work failed, with this code.
        case failed(code: String)
        /// No result came.
        case missing
    }

    /// One place: its status and, when there is a result, the index of its observation in ``Comparison/cells``.
    public struct Entry: Sendable, Hashable {
        /// How it fared.
        public var status: Status
        /// Index in ``Comparison/cells``; nil when there is no result.
        public var cell: Int?
    }

    /// For each batch the index of the cell that the others are compared with.
    ///
    /// It has the most common layernorm output; of equally common outputs, the one whose nodes disagree with the fewest others.
    public let references: [Int: Int]
    /// What `=` stands for in reports: the bits of `most`, of `the original` where copies in half precision outvote it, or of
    /// `this machine` where most gave wrong answers.
    public let standard: String
    private let entries: [Cell: Entry]
    private let differences: [Cell: DifferenceMetrics]
    private let shares: [NodeMethod: CountedBatches.Share]
    /// Missing results that are not named.
    private let missing: [NodeMethod: Int]
    /// Nodes that were expected and never came.
    public let absentNodes: Set<String>

    /// Sets every cell of `comparison` against its batch's commonest output.
    public init(_ comparison: Comparison) {
        var references: [Int: Int] = [:]
        var entries: [Cell: Entry] = [:]
        var differences: [Cell: DifferenceMetrics] = [:]
        let cells = comparison.cells
        let disputes = Disputes(comparison)
        let families = WeightFamilies(comparison.copies, among: Set(cells.map(\.weights.digest)))
        var followsOriginals = false
        var followsReferee = false
        var undecided: Set<Int> = []
        for batch in Split(Array(cells.indices), by: { cells[$0].batch.index }).sides {
            guard let first = batch.first else { continue }
            let promising = batch.filter { cells[$0].node.promisesBits }
            let voters = promising.isEmpty ? batch : promising
            let parted = Split(voters) { cells[$0].digests.layernorm }
            let split = Split(parted, decidedBy: disputes, cells)
            let commonest = split.sides.first?.first ?? first
            let original = families.outvotedOriginal(of: commonest, in: split, cells)
            if original != nil { followsOriginals = true }
            references[cells[first].batch.index] = original ?? commonest
            let isMajority = 2 * (split.sides.first?.count ?? 0) > voters.count && voters.count > 1
            // What other batches and the referee tell of the nodes is a vote too.
            let isOverruled = parted.sides.first != split.sides.first && !parted.isTie
            let isDecided = parted.isTie && !split.isTie || isOverruled
            if isOverruled { followsReferee = true }
            if original == nil, !isMajority, !isDecided { undecided.insert(cells[first].batch.index) }
        }
        for (index, cell) in cells.enumerated() where references[cell.batch.index] == index {
            entries[cell.cell] = Entry(status: .identical, cell: index)
        }
        for pair in comparison.pairs {
            let reference = references[cells[pair.left].batch.index]
            guard pair.left == reference || pair.right == reference else { continue }
            let other = pair.left == reference ? pair.right : pair.left
            entries[cells[other].cell] = Entry(status: Self.status(pair.relation), cell: other)
            differences[cells[other].cell] = pair.metrics
            if !cells[pair.left].hasFiniteOutput, !cells[pair.right].hasFiniteOutput, let reference {
                entries[cells[reference].cell] = Entry(status: .differs(at: .layernorm), cell: reference)
            }
        }
        for (cell, entry) in entries where undecided.contains(cell.batch) && entry.status == .identical {
            entries[cell]?.status = .reference
        }
        for failure in comparison.failures where !comparison.plan.isFresh(failure.batch) {
            entries[failure.cell] = Entry(status: .failed(code: failure.code), cell: nil)
        }
        self.references = references
        let shares = (comparison.counted?.shares ?? []).map { (NodeMethod($0.node, $0.method), $0) }
        self.shares = Dictionary(shares, uniquingKeysWith: { first, _ in first })
        missing = (comparison.counted?.missing ?? []).reduce(into: [:]) {
            $0[NodeMethod($1.node, $1.method), default: 0] += $1.count
        }
        absentNodes = Set(comparison.circumstances.absent.map(\.name))
        standard = followsOriginals ? "the original" : followsReferee ? "this machine" : "most"
        self.entries = entries
        self.differences = differences
    }

    /// One place; nil when the plan asks for nothing there.
    public subscript(_ node: String, _ method: String, _ batch: Int) -> Entry? {
        entries[Cell(node: node, method: method, batch: batch)]
    }

    /// How far a cell's output lies from that which its batch is set against; nil where it has the same bits.
    public func difference(of cell: Cell) -> DifferenceMetrics? { differences[cell] }

    /// The largest difference of the places of a node and method that are within tolerance; nil where none was measured.
    public func largestDifference(_ node: String, _ method: String) -> Double? {
        batches.compactMap { batch in
            let cell = Cell(node: node, method: method, batch: batch)
            return entries[cell]?.status == .withinTolerance ? differences[cell]?.maximum : nil
        }.max()
    }

    /// Every node that has a place in the matrix, also those that gave no result or never came, by name.
    public var nodeNames: [String] {
        Set(entries.keys.map(\.node)).union(absentNodes).filter { !$0.isEmpty }.sorted(by: NaturalOrder.precedes)
    }

    /// Every batch that has a place in the matrix, ascending.
    public var batches: [Int] { Set(entries.keys.map(\.batch)).sorted() }

    /// The worst place of a node and method over all batches, and how many of its batches are that bad, those that are only counted
    /// included; nil when the plan asks for nothing there.
    public func worst(_ node: String, _ method: String) -> (entry: Entry, batch: Int, count: Int, of: Int)? {
        let places = batches.compactMap { batch in self[node, method, batch].map { (entry: $0, batch: batch) } }
        guard let worst = places.max(by: { $0.entry.status.rank < $1.entry.status.rank }) else { return nil }
        let alike = places.count { $0.entry.status.rank == worst.entry.status.rank }
        let name = NodeMethod(node, method)
        let (share, missing) = (shares[name], missing[name] ?? 0)
        let isFailed = if case .failed = worst.entry.status { true } else { false }
        return (
            worst.entry, worst.batch,
            alike + (isFailed ? missing : share?.count(like: worst.entry.status) ?? 0),
            places.count + missing + (share?.results ?? 0)
        )
    }

    private static func status(_ relation: PairComparison.Relation) -> Status {
        switch relation {
        case .identical: .identical
        case .withinTolerance: .withinTolerance
        case .differs(let stage): .differs(at: stage)
        }
    }
}

extension CountedBatches.Share {
    /// Results that are only counted and fared like one with `status`.
    fileprivate func count(like status: Matrix.Status) -> Int {
        switch status {
        case .identical, .reference: results - close - differing
        case .withinTolerance: close
        case .missing, .failed: 0
        case .differs: differing
        }
    }
}

extension Matrix.Status {
    /// Orders from good to bad; a difference weighs more than a lost result.
    var rank: Int {
        switch self {
        case .identical, .reference: 0
        case .withinTolerance: 1
        case .missing: 2
        case .failed: 3
        case .differs: 4
        }
    }

    /// Whether others are set against it: it has the bits of most, or stands in for most.
    public var isOfMost: Bool { self == .identical || self == .reference }

    /// The status in a few letters, as reports write it.
    public var words: String {
        switch self {
        case .identical: "identical"
        case .reference: "reference"
        case .withinTolerance: "within tolerance"
        case .differs(let stage): "differs at \(stage.name)"
        case .failed(let code): "failed: \(code)"
        case .missing: "no result"
        }
    }
}
