import Foundation
import MAEDomain
import MAETensor
import MAEVerify

/// All runs of a store in short, for a history: what is the same in many of them is there once, and others refer to it by index.
///
/// A thousand nights of fifty nodes are some hundred thousand results, so a result is a few numbers here. Its tensors are not read.
public struct RunArchive: Sendable {
    /// A run.
    public struct Run: Sendable {
        /// What it set out to do.
        public let plan: RunPlan
        /// When it began.
        public let started: Date
        /// How it ended; nil where it was not judged.
        public let ending: RunEnding?
        /// What was made of it; nil where it was not judged.
        public let judgement: JudgementSummary?
        /// The nodes that joined.
        public let nodes: [Node]
        /// What was asked: the shards' methods and batches, each once.
        public internal(set) var works: [Work]
        /// Its results: indices in ``RunArchive/results``.
        public let results: Range<Int>
    }

    /// A node in a run: indices in ``RunArchive/names`` and ``RunArchive/identities``.
    public struct Node: Sendable {
        /// Its name.
        public let name: Int
        /// What it introduced itself as, last.
        public let identity: Int
    }

    /// One batch by one method.
    public struct Work: Sendable, Hashable {
        /// Label of the method.
        public let method: String
        /// Index of the batch in its run.
        public let batch: Int
    }

    /// A result.
    public struct Result: Sendable {
        /// The node: an index in ``RunArchive/names``.
        public let node: Int
        /// What it answers: an index in ``Run/works``.
        public let work: Int
        /// The digest of the layernorm output: an index in ``RunArchive/digests``.
        public let digest: Int
        /// What it has in common with others: an index in ``RunArchive/contexts``.
        public let context: Int
        /// Seconds that reading the checkpoint took; nil where it was not measured.
        public let load: Double?
        /// Seconds that the encoder took; nil where it was not measured.
        public let forward: Double?
        /// The row, which ``Store/requireWhole(_:)`` takes.
        public let row: Int64
    }

    /// The runs, in the order in which they began.
    public internal(set) var runs: [Run] = []
    /// The results, those of a run next to each other; of two by one node of the same work, the first run of it comes first.
    public internal(set) var results: [Result] = []
    /// Names of nodes.
    public internal(set) var names: [String] = []
    /// What nodes introduced themselves as.
    public internal(set) var identities: [NodeIdentity] = []
    /// Digests of outputs.
    public internal(set) var digests: [SHA256Digest] = []
    /// Node, method, weights and configuration, with blanks for what each result has of its own.
    public internal(set) var contexts: [Observation] = []
}

/// What was made of a run, without its results.
public struct JudgementSummary: Sendable {
    /// The verdict in one sentence.
    public let sentence: String
    /// What was found.
    public let findings: [Finding]
    /// Names of nodes with work that was lost, and of those that were lost or never came.
    public let lostNodes: Set<String>
    /// Names of nodes that gave another answer than the coordinator's machine.
    public let wrongNodes: Set<String>
    /// What was set against double precision.
    public let float64: [Float64Check]
    /// Which results agree.
    public let relations: ResultRelations
    /// Changes whenever the judgement does.
    public let stamp: String
}

/// Which results of a run agree with each other, bit for bit or within the tolerance.
public struct ResultRelations: Sendable {
    /// Where a result stands among those of its batch, and where the pairs of the batch begin.
    private struct Place {
        let position, count, pairs: Int
    }

    private let places: [Cell: Place]
    private let pairs: [Bool]
    /// The answer for every two, where it is the same.
    private let all: Bool?

    /// Every two agree.
    static let agreeing = ResultRelations(places: [:], pairs: [], all: true)

    private init(places: [Cell: Place], pairs: [Bool], all: Bool?) {
        (self.places, self.pairs, self.all) = (places, pairs, all)
    }

    /// Of results in the order of a comparison, and for every two of a batch whether they agree; nil where these do not fit.
    init?(_ cells: [Cell], _ agreements: [Bool]) {
        var places: [Cell: Place] = [:]
        var (start, pairs) = (0, 0)
        while start < cells.count {
            let count = cells[start...].prefix { $0.batch == cells[start].batch }.count
            for position in 0..<count {
                places[cells[start + position]] = Place(position: position, count: count, pairs: pairs)
            }
            (start, pairs) = (start + count, pairs + count * (count - 1) / 2)
        }
        guard pairs == agreements.count else { return nil }
        self.init(places: places, pairs: agreements, all: nil)
    }

    /// Whether two results of a batch agree; nil where they were not compared.
    public func agree(_ left: Cell, _ right: Cell) -> Bool? {
        if let all { return all }
        guard let one = places[left], let other = places[right], one.pairs == other.pairs, left != right else {
            return nil
        }
        let (low, high) = (min(one.position, other.position), max(one.position, other.position))
        return pairs[one.pairs + low * (2 * one.count - low - 1) / 2 + high - low - 1]
    }
}
