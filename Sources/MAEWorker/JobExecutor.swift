import MAEDomain
import MAEWire

/// What computes jobs apart from the worker's own thread, one at a time.
protocol JobExecutor {
    /// Starts a job; the one before has ended.
    func start(_ job: JobRequest)

    /// Asks the job that runs to stop at the next layer.
    func cancel()

    /// The jobs that have ended since the last call, and how.
    func takeEndings() -> [(JobRequest, JobEnding)]

    /// How far the job is that was started last; nil before the first.
    var progress: JobProgress? { get }

    /// What ended the computation for good; set before the ending of the job that met it.
    var breakdown: (any Error)? { get }
}

/// How a job ended.
enum JobEnding: Sendable {
    case completed(Completed)
    case failed(JobFailure)
    case stopped
}
