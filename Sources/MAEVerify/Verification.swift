/// A run judged: the comparison, the findings and the verdict.
public struct Verification: Sendable {
    /// Everything compared with everything else.
    public let comparison: Comparison
    /// What a person should know, the most severe first.
    public private(set) var findings: [Finding]
    /// The answer.
    public private(set) var verdict: Verdict

    /// Judges what a run saw; the order of `observations` and `failures` does not matter.
    ///
    /// `copies` is what the files say of parameters that differ; without it the cause of a difference is not named. `referee` is
    /// what this machine computed itself.
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
        comparison = Comparison(
            plan: plan, results: results, failures: failures, copies: copies, circumstances: circumstances,
            referee: referee)
        findings = Diagnosis.findings(in: comparison)
        verdict = Verdict(comparison, findings)
    }

    /// A verification that was made before, as it was.
    package init(comparison: Comparison, findings: [Finding], verdict: Verdict) {
        self.comparison = comparison
        self.findings = findings
        self.verdict = verdict
    }

    /// Tells what came of setting the run against a baseline, after the findings that weigh as much; the verdict takes it in.
    public mutating func add(ofBaseline finding: Finding) {
        findings.insert(finding, at: findings.firstIndex { $0.severity < finding.severity } ?? findings.endIndex)
        verdict = Verdict(comparison, findings)
    }

    /// Tells what PyTorch's order of draws gives of the same model, as the first of the notes; the verdict stays.
    public mutating func add(_ draws: SequentialDraws) {
        let note = Finding(draws, in: comparison.plan)
        findings.insert(note, at: findings.firstIndex { $0.severity == .note } ?? findings.endIndex)
    }
}
