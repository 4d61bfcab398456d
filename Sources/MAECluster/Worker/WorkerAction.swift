/// What the owner of a ``Worker`` must do, in the order given.
public enum WorkerAction: Sendable, Hashable {
    /// Send a message; to a ``WorkerStatement/result(_:)`` the owner adds what the result says.
    case send(WorkerMessage)
    /// Run this; report progress, and ``WorkerEvent/finished(_:)`` or ``WorkerEvent/failed(_:_:)`` at the end.
    case start(Job)
    /// Stop the job that runs, then report ``WorkerEvent/stopped(_:)``.
    case cancel(Lease)
    /// The result that was kept of this job, if any, is not needed any more.
    case forget(Lease)
    /// The worker is a member now.
    case welcomed(Welcome)
    /// The coordinator did not accept something; worth a line in the log.
    case refused(Rejection)
    /// The coordinator said Goodbye, or the worker left.
    case parted
}

/// What happens to a ``Worker``.
public enum WorkerEvent: Sendable, Hashable {
    /// The coordinator sent a message.
    case received(CoordinatorMessage)
    /// The job that runs has come to this step.
    case progressed(Lease, step: UInt64)
    /// It has a result, which the owner keeps until ``WorkerAction/forget(_:)``.
    case finished(Lease)
    /// It has none.
    case failed(Lease, JobFailure)
    /// The job that was cancelled has stopped.
    case stopped(Lease)
    /// The worker is to end.
    case leave
    /// Time has passed.
    case tick
}

/// The times that a worker works by; those of its membership come with the Welcome.
public struct WorkerPolicy: Sendable, Hashable {
    /// Wait between the first two Hellos; it doubles with each that is not answered.
    public var helloInterval: Duration = .seconds(1)
    /// Longest wait between two Hellos.
    public var longestHelloInterval: Duration = .seconds(5)
    /// Wait before a result that was not acknowledged is sent again.
    public var resendInterval: Duration = .seconds(5)

    /// The default policy.
    public init() {}

    /// How long to wait for an answer after so many Hellos without one.
    func nextWait(_ greetings: Int) -> Duration {
        min(helloInterval * (1 << min(greetings, 4)), longestHelloInterval)
    }
}
