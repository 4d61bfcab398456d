import MAEVerify

/// The parts of a ``StoredJudgement`` that a history reads: pairs, of which there may be millions in a store, are passed over.
struct StoredJudgementSummary: StoredDocument {
    static let version = StoredJudgement.version

    struct Relation: Codable {
        var relation: String
    }

    struct Failure: Codable {
        var node: String
    }

    struct Comparison: Codable {
        var relations: [Relation]
        var failures: [Failure]
        var circumstances: StoredCircumstances
        var referee: StoredReferee?
    }

    var verdict: StoredJudgement.Answer
    var findings: [StoredFinding]
    var comparison: Comparison

    /// The summary, whose results relate as told; nil where it holds what no report shows.
    func summary(_ relations: ResultRelations, stamp: String) -> JudgementSummary? {
        guard let circumstances = comparison.circumstances.circumstances,
            let referee = comparison.referee.map(\.report) ?? RefereeReport.empty
        else { return nil }
        let lost = comparison.failures.map(\.node) + circumstances.lost.map(\.name) + circumstances.absent.map(\.name)
        return JudgementSummary(
            sentence: verdict.sentence, findings: findings.map(\.finding), lostNodes: Set(lost),
            wrongNodes: Set(referee.checks.filter(\.isWrong).map(\.cell.node)), float64: referee.float64,
            relations: relations, stamp: stamp)
    }
}

/// The parts of a ``StoredJudgement`` that say how every two results relate.
struct StoredRelations: StoredDocument {
    static let version = StoredJudgement.version

    struct Comparison: Codable {
        var results: [StoredComparison.Result]
        var relations: [StoredJudgementSummary.Relation]
        var pairs: [Int]
    }

    var comparison: Comparison

    /// The relations; nil where the document names what is not there.
    var relations: ResultRelations? {
        let agrees = comparison.relations.map { $0.relation != StoredRelations.differs }
        guard comparison.pairs.allSatisfy(agrees.indices.contains) else { return nil }
        return ResultRelations(
            comparison.results.map { Cell(node: $0.node, method: $0.method, batch: $0.batch) },
            comparison.pairs.map { agrees[$0] })
    }

    /// The word for two results that do not agree.
    static let differs = "differs"
}
