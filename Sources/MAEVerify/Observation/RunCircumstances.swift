import MAEText

/// What a report tells of a run apart from its results: how it ended, which nodes never came or were lost, and which peers were turned
/// away.
public struct RunCircumstances: Sendable, Hashable {
    /// How the run ended.
    public var ending: Ending
    /// Nodes that were expected and never came, by name.
    public var absent: [AbsentNode]
    /// Nodes that took part and were gone before their share was done, by name.
    public var lost: [LostNode]
    /// Nodes that took part to the end and had nothing to run, by name: others ran what there was.
    public var idle: [String]
    /// The peers that were turned away, in the order of the first time.
    public var refused: [RefusedPeer]
    /// Nodes that took part and were told to drain, by name.
    public var drained: [String]
    /// Nodes that took part until their key was revoked, by name.
    public var revoked: [String]

    /// A run that ended by itself, with all nodes there, unless told otherwise.
    public init(
        ending: Ending = .finished, absent: [AbsentNode] = [], lost: [LostNode] = [], idle: [String] = [],
        refused: [RefusedPeer] = [], drained: [String] = [], revoked: [String] = []
    ) {
        self.ending = ending
        self.absent = absent
        self.lost = lost
        self.idle = idle
        self.refused = refused
        self.drained = drained
        self.revoked = revoked
    }

    /// How a run ended.
    public enum Ending: Sendable, Hashable {
        /// There was nothing left to do.
        case finished
        /// The time limit came, which was so many seconds.
        case timeLimit(seconds: Double)
        /// A signal came, or the coordinator was told to stop.
        case interrupted
        /// The workers that the command had started itself ended, and no others could take their place.
        case workersEnded

        /// The ending for programs.
        public var code: String {
            switch self {
            case .finished: "finished"
            case .timeLimit: "time-limit"
            case .interrupted: "interrupted"
            case .workersEnded: "workers-ended"
            }
        }

        /// Why work was left, in words that go on from a colon; nil when the run ended by itself.
        public var words: String? {
            switch self {
            case .finished: nil
            case .timeLimit(let seconds): "the time limit of \(NumberText.short(seconds)) s passed first"
            case .interrupted: "the run was interrupted"
            case .workersEnded: "the workers of this machine ended, and no others could take their place"
            }
        }
    }
}

/// A node that was expected and never came.
public struct AbsentNode: Sendable, Hashable {
    /// Its name.
    public var name: String
    /// The last run in which it took part; nil when none is known.
    public var lastRun: String?

    /// Names a node.
    public init(name: String, lastRun: String? = nil) {
        self.name = name
        self.lastRun = lastRun
    }
}

/// A peer that was turned away, and why.
public struct RefusedPeer: Sendable, Hashable {
    /// The node's name or its key, as far as it is known; empty otherwise.
    public var peer: String
    /// Why, with the remedy.
    public var reason: String
    /// How often.
    public var count: Int

    /// Describes a refusal.
    public init(peer: String = "", reason: String, count: Int = 1) {
        self.peer = peer
        self.reason = reason
        self.count = count
    }
}
