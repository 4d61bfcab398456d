import MAEDomain
import MAEVerify

/// What came of comparing the results of a run, in a document.
///
/// The results themselves are rows of their own, and are named here. Of large runs most pairs fare alike, so each way to fare is
/// written once, and a pair is its number.
struct StoredComparison: Codable {
    /// Names a result: the first run of a place, as a rule.
    struct Result: Codable, Hashable {
        var node, method: String
        var batch, attempt: Int
    }

    /// How two results relate.
    struct Relation: Codable, Hashable {
        /// `identical`, `within-tolerance` or `differs`.
        var relation: String
        /// Where they differ first; nil unless they do.
        var stage: StoredWord<Stage>?
        var differing: [StoredWord<Stage>]
        var bitwise, reordered: Bool
        var metrics: StoredMetrics?
    }

    struct Rerun: Codable, Hashable {
        var place: StoredPlace
        var runs: Int
        var stage: StoredWord<Stage>?
        var metrics: StoredMetrics?
    }

    struct Failure: Codable, Hashable {
        var node, method: String
        var batch: Int
        var code: String
        var error: String?
        var message: String
    }

    struct Copy: Codable, Hashable {
        var digest, original: StoredDigest
        var format: StoredWord<HalfPrecisionCopy.Format>
    }

    /// The results that were compared, in the order of the report.
    var results: [Result]
    /// The ways in which two results relate.
    var relations: [Relation]
    /// For every two results of a batch the index of their relation: the first with the second, the first with the third, and so on.
    var pairs: [Int]
    var reruns: [Rerun]
    var failures: [Failure]
    var copies: [Copy]
    var circumstances: StoredCircumstances
    /// Where results part; nil in judgements of older versions, and where none do.
    var attributions: [StoredAttribution]?
    /// Nil where there was no referee, and in judgements of older versions.
    var referee: StoredReferee?
    /// Nil where all results were judged one by one, and in judgements of older versions.
    var counted: StoredCounts?

    /// The batches of ``results``.
    var batches: Set<Int> { Set(results.map(\.batch)) }

    init(_ comparison: Comparison) {
        results = comparison.cells.map {
            Result(node: $0.node.name, method: $0.method.label, batch: $0.batch.index, attempt: $0.attempt)
        }
        var relations: [Relation] = []
        var numbers: [Relation: Int] = [:]
        pairs = comparison.pairs.map { pair in
            let relation = Relation(pair)
            if let number = numbers[relation] { return number }
            numbers[relation] = relations.count
            relations.append(relation)
            return relations.count - 1
        }
        self.relations = relations
        reruns = comparison.reruns.map {
            Rerun(
                place: StoredPlace($0.cell), runs: $0.runs, stage: $0.differs.map { StoredWord($0) },
                metrics: $0.metrics.map(StoredMetrics.init))
        }
        failures = comparison.failures.map {
            Failure(
                node: $0.node, method: $0.method, batch: $0.batch, code: $0.code, error: $0.error, message: $0.message)
        }
        copies = comparison.copies.map {
            Copy(
                digest: StoredDigest($0.digest), original: StoredDigest($0.original), format: StoredWord($0.format))
        }
        circumstances = StoredCircumstances(comparison.circumstances)
        attributions = comparison.attributions.isEmpty ? nil : comparison.attributions.map(StoredAttribution.init)
        referee = StoredReferee(comparison.referee)
        counted = comparison.counted.map(StoredCounts.init)
    }

    /// The comparison as it was; nil when it names what is not there.
    ///
    /// `observation` finds a result by its name.
    func comparison(of plan: RunPlan, _ observation: (Result) -> Observation?) -> Comparison? {
        let cells = results.compactMap(observation)
        let places = Comparison.places(of: cells)
        guard cells.count == results.count, places.count == pairs.count else { return nil }
        let pairs = zip(places, pairs).compactMap { place, number in
            relations.indices.contains(number) ? relations[number].pair(place.left, place.right) : nil
        }
        guard pairs.count == places.count, let circumstances = circumstances.circumstances else { return nil }
        guard let referee = referee.map(\.report) ?? RefereeReport.empty else { return nil }
        return Comparison(
            plan: plan, cells: cells, pairs: pairs,
            reruns: reruns.map {
                RerunComparison(
                    cell: $0.place.cell, runs: $0.runs, differs: $0.stage?.value, metrics: $0.metrics?.metrics)
            },
            failures: failures.map {
                ShardFailure(
                    node: $0.node, method: $0.method, batch: $0.batch, code: $0.code, error: $0.error,
                    message: $0.message)
            },
            copies: copies.map {
                HalfPrecisionCopy(digest: $0.digest.digest, original: $0.original.digest, format: $0.format.value)
            },
            circumstances: circumstances, referee: referee,
            attributions: (attributions ?? []).compactMap(\.attribution), counted: counted?.counted)
    }
}

extension StoredComparison.Relation {
    fileprivate init(_ pair: PairComparison) {
        relation = pair.relation.name
        if case .differs(let first) = pair.relation { stage = StoredWord(first) }
        differing = pair.differing.stages.map { StoredWord($0) }
        (bitwise, reordered) = (pair.bitwise, pair.reordered)
        metrics = pair.metrics.map(StoredMetrics.init)
    }

    /// The pair of the results `left` and `right`; nil for a relation that there is not.
    fileprivate func pair(_ left: Int, _ right: Int) -> PairComparison? {
        guard let relation = PairComparison.Relation(named: relation, stage: stage?.value) else { return nil }
        return PairComparison(
            left: left, right: right, relation: relation, differing: StageSet(differing.map(\.value)),
            bitwise: bitwise, reordered: reordered, metrics: metrics?.metrics)
    }
}

extension PairComparison.Relation {
    /// The relation of a name, with the stage at which results differ; nil for one that there is not.
    init?(named name: String, stage: Stage?) {
        switch (name, stage) {
        case ("identical", nil): self = .identical
        case ("within-tolerance", nil): self = .withinTolerance
        case ("differs", let stage?): self = .differs(at: stage)
        default: return nil
        }
    }
}

/// A place in the matrix of a run, in a document.
struct StoredPlace: Codable, Hashable {
    var node, method: String
    var batch: Int

    init(_ cell: Cell) { (node, method, batch) = (cell.node, cell.method, cell.batch) }

    /// The place as it was.
    var cell: Cell { Cell(node: node, method: method, batch: batch) }
}
