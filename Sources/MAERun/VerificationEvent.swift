import MAECoordinator
import MAEVerify

/// What happens in a ``VerificationRun``, to be shown.
public enum VerificationEvent: Sendable {
    /// The files of the plan can be loaded, and are read now.
    case begins(RunPlan)
    /// Something to know, in a sentence.
    case note(String)
    /// Something that went wrong and does not end the run, in a sentence.
    case warning(String)
    /// What this machine is at, which may take minutes.
    case step(RunStep)
    /// What this machine was at is over.
    case stepEnded
    /// Workers can connect at an endpoint.
    case listening(endpoint: String)
    /// How far the computing of results is: after every change, a few times a second at most.
    case progress(RunProgress)
    /// The figures of the run, every few seconds and at the end.
    case metrics(RunMetrics)
    /// The run is alive: every second at least while it computes or judges.
    case alive
}

/// What a run is at on this machine.
public struct RunStep: Sendable, Equatable {
    /// What is done, in words.
    public let text: String
    /// How much of how much is done; nil where that is not known.
    public let share: Share?

    /// A part of a whole.
    public struct Share: Sendable, Equatable {
        /// The part.
        public let done: Int
        /// The whole.
        public let total: Int
    }
}
