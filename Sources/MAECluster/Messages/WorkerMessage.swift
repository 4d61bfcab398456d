import MAEDomain

/// What a worker says to the coordinator, as far as the state machines care.
public enum WorkerMessage<Introduction: Sendable, Output: Sendable>: Sendable {
    /// A worker asks to join; it takes at most so many jobs at once.
    case hello(NodeID, Incarnation, jobs: Int, Introduction)
    /// A worker that was welcomed says something.
    case said(WorkerStatement<Output>, session: SessionID, incarnation: Incarnation)
}

/// What a worker that was welcomed may say.
public enum WorkerStatement<Output: Sendable>: Sendable {
    /// It is alive, and has come this far with the job it runs; nil when it runs none. What it has in hand is left out where it
    /// does not fit into a message.
    case heartbeat(JobProgress?, LeasesInHand? = nil)
    /// It has a result, which may be large: a copy of the statement copies none of it.
    indirect case result(Lease, Output)
    /// It has none.
    case failure(Lease, JobFailure)
    /// It leaves, and drops what it holds.
    case goodbye
}
