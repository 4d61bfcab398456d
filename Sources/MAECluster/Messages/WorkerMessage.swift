/// What a worker says to the coordinator, as far as the state machines care.
public enum WorkerMessage: Sendable, Hashable {
    /// A worker asks to join.
    case hello(NodeID, Incarnation)
    /// A worker that was welcomed says something.
    case said(WorkerStatement, session: SessionID, incarnation: Incarnation)
}

/// What a worker that was welcomed may say.
public enum WorkerStatement: Sendable, Hashable {
    /// It is alive, and this far with the job it runs; nil when it runs none.
    case heartbeat(Progress?)
    /// It has a result; what the result says is the shell's business.
    case result(Lease)
    /// It has none.
    case failure(Lease, JobFailure)
    /// It leaves, and drops what it holds.
    case goodbye
}

/// How far a worker is with a job.
public struct Progress: Sendable, Hashable {
    /// The job.
    public let lease: Lease
    /// A count that goes up whenever some work is done: bytes read, layers computed.
    public let step: UInt64

    /// The worker has come to `step` with `lease`.
    public init(lease: Lease, step: UInt64) {
        self.lease = lease
        self.step = step
    }
}

/// Why a worker has no result.
public struct JobFailure: Sendable, Hashable {
    /// Whether the input is at fault (a bad or missing file), so that another try on the same node is pointless.
    public let isInputFault: Bool
    /// What went wrong, and the remedy.
    public let message: String

    /// Describes a failure.
    public init(isInputFault: Bool, message: String) {
        self.isInputFault = isInputFault
        self.message = message
    }
}
