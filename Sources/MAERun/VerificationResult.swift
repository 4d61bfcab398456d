import Foundation
import MAECoordinator
import MAEReport
import MAEVerify

/// What a ``VerificationRun`` came to.
public struct VerificationResult: Sendable {
    /// The comparison, the findings and the verdict.
    public let verification: Verification
    /// How the computing of results ended.
    public let outcome: RunOutcome
    /// When the run began, for the first time when it was carried on.
    public let started: Date
    /// The patches that results kept, where some kept others.
    public let masks: [PatchGrid]
    /// Why the judgement is not in the store; nil when it is.
    public let storeFailure: (any Error)?
}

/// A signal came while there was nothing to judge yet, or before the judgement was made.
public struct Interruption: Error, CustomStringConvertible {
    /// What the signal cut short, and what becomes of the run.
    public let description: String

    init(_ description: String) { self.description = description }
}
