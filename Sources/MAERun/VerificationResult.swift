import MAECoordinator
import MAEStore

/// What a ``VerificationRun`` came to.
public struct VerificationResult: Sendable {
    /// The verification, and what else reports say.
    public let judgement: Judgement
    /// How the computing of results ended.
    public let outcome: RunOutcome
    /// Why the judgement is not in the store; nil when it is.
    public let storeFailure: (any Error)?
}

/// A signal came while there was nothing to judge yet, or before the judgement was made.
public struct Interruption: Error, CustomStringConvertible {
    /// What the signal cut short, and what becomes of the run.
    public let description: String

    init(_ description: String) { self.description = description }
}
