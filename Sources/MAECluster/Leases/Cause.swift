import MAEDomain

/// Why a lease ended without a result, or why a shard will have none.
public enum Cause: Sendable, Hashable, CustomStringConvertible {
    /// Its node was lost while it ran.
    case nodeLost(Loss)
    /// Its node sent heartbeats but made no progress.
    case stalled
    /// It ran longer than any job may.
    case expired
    /// The node reported that the job went wrong; another try finds the same where the input is at fault.
    case failed(JobFailure)
    /// Its node still runs a job that is not wanted any more.
    case occupied
    /// The run ended before it had a result.
    case runEnded
    /// Its node was told to drain.
    case drained

    /// Whether another try on the same node would find the same.
    var isInputFault: Bool { if case .failed(let failure) = self { failure.fault == .input } else { false } }

    /// Whether the job may have crashed the process of its node, or hung it.
    var isCrash: Bool {
        switch self {
        case .nodeLost, .stalled, .expired: true
        case .failed, .occupied, .runEnded, .drained: false
        }
    }

    /// The cause in words.
    public var description: String {
        switch self {
        case .nodeLost(let loss): "the node was lost: \(loss)"
        case .stalled: "the node sent heartbeats but made no progress"
        case .expired: "the job ran longer than a job of its kind may"
        case .failed(let failure): failure.description
        case .occupied: "the node still runs a job that is not wanted any more"
        case .runEnded: "the run ended first"
        case .drained: "the node was told to drain"
        }
    }
}

/// Why a node is no longer in the cluster.
public enum Loss: String, Sendable, Hashable, CustomStringConvertible {
    /// Nothing was heard of it for the silence timeout.
    case silent
    /// A new incarnation has taken its name.
    case superseded
    /// It said Goodbye.
    case left
    /// Its key was revoked.
    case expelled

    /// Whether the job that ran may have been the reason.
    var isSuspicious: Bool {
        switch self {
        case .silent, .superseded: true
        case .left, .expelled: false
        }
    }

    /// The reason in words.
    public var description: String {
        switch self {
        case .silent: "nothing was heard of it"
        case .superseded: "it was started again"
        case .left: "it said Goodbye"
        case .expelled: "its key was revoked"
        }
    }
}
