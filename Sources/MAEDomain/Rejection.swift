/// Why a message was not accepted.
public enum Rejection: Sendable, Hashable, CustomStringConvertible {
    /// The sender is no member, or no longer: it should say Hello.
    case unknownWorker
    /// The sender speaks another version of the protocol.
    case unsupportedVersion
    /// The message cannot be read; a job that cannot be names its lease.
    case malformed(Lease? = nil)
    /// The files or the chunk asked for are not held, or are no longer as they were.
    case contentNotHeld
    /// A live node has this name: wait this long, then say Hello again, or take another name.
    case nameTaken(retryAfter: Duration)
    /// The run has as many nodes as it can have.
    case clusterFull
    /// Too many Hellos: wait this long.
    case tooManyHellos(retryAfter: Duration)
    /// The sender's key was added under another name.
    case nameNotOfKey
    /// The result is not wanted under this lease.
    case result(Lease, LeaseRejection)

    /// The reason in words, with the remedy.
    public var description: String {
        switch self {
        case .unknownWorker: "the coordinator does not know this worker: say Hello again"
        case .unsupportedVersion: "the two sides speak different versions of the protocol: update the older one"
        case .malformed: "the message cannot be read"
        case .contentNotHeld: "the files are not held, or are no longer as they were"
        case .nameTaken: "a live node has this name: give each worker its own --name"
        case .clusterFull: "the run has as many nodes as it can have"
        case .tooManyHellos: "too many Hellos: wait before the next"
        case .nameNotOfKey:
            "the key of this worker was added under another name: leave out --name, or add a key under this name"
        case .result(let lease, let reason): "\(lease): \(reason)"
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
