/// What a worker says to the coordinator, as far as the state machines care.
public enum WorkerMessage: Sendable, Hashable {
    /// A worker asks to join; it takes so many jobs at once.
    case hello(NodeID, Incarnation, jobs: Int = .max)
    /// A worker that was welcomed says something.
    case said(WorkerStatement, session: SessionID, incarnation: Incarnation)
}

/// What a worker that was welcomed may say.
public enum WorkerStatement: Sendable, Hashable {
    /// It is alive, and this far with the job it runs; nil when it runs none. What it has in hand is nil where it does not say.
    case heartbeat(Progress?, Holding? = nil)
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

/// What a worker has in hand: by this both sides find out what was lost on the way.
public struct Holding: Sendable, Hashable {
    /// Counts what one process has said of this: what comes late, or twice, says nothing new.
    public let number: UInt64
    /// Jobs that it means to finish: the one that runs, unless it was told to stop, and those that wait.
    public let unfinished: [Lease]
    /// Jobs whose results, or failures, are not acknowledged.
    public let finished: [Lease]

    /// What a worker has in hand, said for the `number`-th time.
    public init(number: UInt64, unfinished: [Lease], finished: [Lease]) {
        self.number = number
        self.unfinished = unfinished
        self.finished = finished
    }

    func names(_ lease: Lease) -> Bool { unfinished.contains(lease) || finished.contains(lease) }
}

/// Why a worker has no result.
public struct JobFailure: Sendable, Hashable {
    /// Whether the input is at fault (a bad or missing file), so that another try on the same node is pointless.
    public let isInputFault: Bool
    /// The kind of failure, for programs; empty when there is none.
    public let code: String
    /// What went wrong, and the remedy.
    public let message: String

    /// Describes a failure.
    public init(isInputFault: Bool, code: String = "", message: String) {
        self.isInputFault = isInputFault
        self.code = code
        self.message = message
    }

    /// A node does not have its job, although it was sent again.
    static let jobNotTaken = JobFailure(isInputFault: false, message: "the node does not take the job")
}
