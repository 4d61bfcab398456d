import MAEVerify

/// What was made of a run's results, as a document: all that a report shows except the plan and the results themselves.
struct StoredJudgement: StoredDocument {
    static let version = 1

    struct Answer: Codable, Hashable {
        var outcome: StoredWord<Verdict.Outcome>
        var sentence: String
        var extent: String?
    }

    var verdict: Answer
    var findings: [StoredFinding]
    var comparison: StoredComparison
    var report: StoredReportDetails

    init(_ judgement: Judgement) {
        let verification = judgement.verification
        verdict = Answer(
            outcome: StoredWord(verification.verdict.outcome), sentence: verification.verdict.sentence,
            extent: verification.verdict.extent)
        findings = verification.findings.map(StoredFinding.init)
        comparison = StoredComparison(verification.comparison)
        report = StoredReportDetails(judgement.details)
    }

    /// The judgement as it was; nil when it names a result that is not among `observations`, or holds what no report shows.
    func judgement(of plan: RunPlan, _ observations: [Observation]) -> Judgement? {
        typealias Result = StoredComparison.Result
        let byName = Dictionary(
            observations.map {
                (Result(node: $0.node.name, method: $0.method.label, batch: $0.batch.index, attempt: $0.attempt), $0)
            }, uniquingKeysWith: { first, _ in first })
        guard let comparison = comparison.comparison(of: plan, { byName[$0] }), let details = report.details else {
            return nil
        }
        return Judgement(
            Verification(
                comparison: comparison, findings: findings.map(\.finding),
                verdict: Verdict(outcome: verdict.outcome.value, sentence: verdict.sentence, extent: verdict.extent)),
            details: details)
    }
}
