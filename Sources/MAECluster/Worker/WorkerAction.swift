import MAEDomain

extension WorkerStateMachine {
    /// What the worker says.
    public typealias Message = WorkerMessage<Introduction, Output>

    /// What the owner of the machine must do, in the order given.
    public enum Action: Sendable {
        /// Send a message.
        case send(Message)
        /// Run this; report progress, and ``Event/finished(_:_:)`` or ``Event/failed(_:_:)`` at the end.
        case start(Job)
        /// Stop the job that runs, then report ``Event/stopped(_:)``.
        case cancel(Lease)
        /// The worker is a member now.
        case welcomed
        /// The coordinator did not accept something; worth a line in the log.
        case refused(Rejection)
        /// The name is that of a live node, and the worker has taken this one instead.
        case renamed(NodeID)
        /// The coordinator said Goodbye, or the worker left.
        case left
    }

    /// What happens to the machine.
    public enum Event: Sendable {
        /// The coordinator sent a message.
        case received(CoordinatorMessage<Job>)
        /// The job that runs has come this far.
        case progressed(JobProgress)
        /// It has a result.
        case finished(Lease, Output)
        /// It has none.
        case failed(Lease, JobFailure)
        /// The job that was cancelled has stopped.
        case stopped(Lease)
        /// Results that are not acknowledged yet cannot be trusted: tell of this failure instead.
        case distrusted(JobFailure)
        /// The worker is to end now.
        case leave
        /// The worker is to end once the job that runs is handed in, and no later than this.
        case drain(by: Instant)
        /// Time has passed.
        case tick
    }
}

/// The times that a worker works by; those of its membership come with the Welcome.
public struct WorkerPolicy: Sendable, Hashable {
    /// Wait between the first two Hellos; it doubles with each that is not answered.
    public var helloInterval: Duration = .seconds(1)
    /// Longest wait between two Hellos.
    public var longestHelloInterval: Duration = .seconds(5)
    /// Wait before a result that was not acknowledged is sent again.
    public var resendInterval: Duration = .seconds(5)
    /// Jobs that the worker takes at a time, running and waiting.
    public var mostJobs = 16
    /// Whether the worker leaves when a coordinator says Goodbye, instead of waiting for the next run.
    public var endsWithRun = false
    /// How long the worker may be without a coordinator before it leaves; nil is without end.
    public var patience: Duration?
    /// A worker that is called this much later than it asked for did not run meanwhile: its machine was suspended.
    public var lateness: Duration = .seconds(2)
    /// Whether the worker takes another name where its own is that of a live node.
    public var mayTakeOtherName = false

    /// The default policy.
    public init() {}

    /// How long to wait for an answer after so many Hellos without one.
    @usableFromInline func nextWait(_ greetings: Int) -> Duration {
        min(helloInterval * (1 << min(greetings, 4)), longestHelloInterval)
    }
}
