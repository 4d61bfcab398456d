import MAEVerify

/// What was made of a run's results, with all that a report shows of it.
public struct Judgement: Sendable {
    /// The comparison, the findings and the verdict.
    public let verification: Verification
    /// What else a report says.
    public let details: ReportDetails

    /// Collects a judgement.
    public init(_ verification: Verification, details: ReportDetails) {
        self.verification = verification
        self.details = details
    }
}
