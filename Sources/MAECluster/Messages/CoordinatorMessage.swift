import MAEDomain

/// What the coordinator says to a worker, as far as the state machines care.
public enum CoordinatorMessage<Job: Leased>: Sendable {
    /// The worker is a member, and names this session in every later message.
    ///
    /// A session other than the one it had means that it holds nothing any more.
    case welcome(SessionID, Welcome)
    /// Run this, after the jobs granted earlier.
    case job(Job)
    /// The coordinator is alive; the answer to each heartbeat.
    case heartbeat
    /// The results, or failures, are recorded; the worker may forget them.
    case acknowledge([Lease])
    /// Stop this job, or don't begin it; no result is wanted.
    case revoke(Lease)
    /// A message was not accepted.
    case reject(Rejection)
    /// The run is over.
    case goodbye
}

extension CoordinatorMessage: Equatable where Job: Equatable {}
