/// A run judged: the comparison, the findings and the verdict.
public struct Verification: Sendable {
    /// Everything compared with everything else.
    public let comparison: Comparison
    /// What a person should know, the most severe first.
    public let findings: [Finding]
    /// The answer.
    public let verdict: Verdict

    /// Judges what a run saw; the order of `observations` and `failures` does not matter.
    ///
    /// `copies` is what the files say of parameters that differ; without it the cause of a difference is not named.
    /// `sequentialDraws` is what PyTorch's order of draws gives of the same model, to be told where noise was shared.
    public init(
        plan: RunPlan, observations: [Observation], failures: [ShardFailure] = [], copies: [HalfPrecisionCopy] = [],
        circumstances: RunCircumstances = RunCircumstances(), sequentialDraws: SequentialDraws? = nil
    ) {
        comparison = Comparison(
            plan: plan, observations: observations, failures: failures, copies: copies, circumstances: circumstances,
            sequentialDraws: sequentialDraws)
        findings = Diagnosis.findings(in: comparison)
        verdict = Verdict(comparison, findings)
    }
}
