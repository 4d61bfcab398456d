/// What the coordinator says to a worker, as far as the state machines care.
public enum CoordinatorMessage: Sendable, Hashable {
    /// The worker is a member.
    ///
    /// A session other than the one it had means that it holds nothing any more.
    case welcome(Welcome)
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

/// What a worker is told when it becomes a member.
public struct Welcome: Sendable, Hashable {
    /// To be named in every later message.
    public let session: SessionID
    /// How often to send a heartbeat.
    public let heartbeatInterval: Duration
    /// When no message came for this long, the other side is gone.
    public let silenceTimeout: Duration

    /// Describes a membership.
    public init(session: SessionID, heartbeatInterval: Duration, silenceTimeout: Duration) {
        self.session = session
        self.heartbeatInterval = heartbeatInterval
        self.silenceTimeout = silenceTimeout
    }
}

/// Why the coordinator did not accept a message.
public enum Rejection: Sendable, Hashable, CustomStringConvertible {
    /// The sender is no member, or no longer: it should say Hello.
    case unknownWorker
    /// A live node has this name: wait this long, then say Hello again, or take another name.
    case nameTaken(retryAfter: Duration)
    /// The run has as many nodes as it can have.
    case clusterFull
    /// Too many Hellos: wait this long.
    case tooManyHellos(retryAfter: Duration)
    /// The sender's key was added under another name.
    case nameNotOfKey
    /// The result is not wanted under this lease.
    case lease(Lease, LeaseRejection)

    /// The reason in words, with the remedy.
    public var description: String {
        switch self {
        case .unknownWorker: "the coordinator does not know this worker: say Hello again"
        case .nameTaken: "a live node has this name: give each worker its own --name"
        case .clusterFull: "the run has as many nodes as it can have"
        case .tooManyHellos: "too many Hellos: wait before the next"
        case .nameNotOfKey:
            "the key of this worker was added under another name: leave out --name, or add a key under this name"
        case .lease(let lease, let reason): "\(lease): \(reason)"
        }
    }
}

/// Why a result is not wanted.
public enum LeaseRejection: String, Sendable, Hashable, CustomStringConvertible {
    /// No such lease was ever granted.
    case neverGranted
    /// It was granted again since, or the grant was revoked.
    case oldEpoch
    /// Another node holds it.
    case otherHolder

    /// The reason in words.
    public var description: String {
        switch self {
        case .neverGranted: "it was never granted"
        case .oldEpoch: "the grant was revoked"
        case .otherHolder: "another node holds it"
        }
    }
}
