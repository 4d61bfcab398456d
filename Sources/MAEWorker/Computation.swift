import MAEDomain
import MAEThreads
import MAEWire
import ZeroMQ

/// The thread on which shards are computed, one at a time, while the worker's own thread goes on talking.
final class Computation: JobExecutor, Sendable {
    private struct State {
        var progress: JobProgress?
        var isCancelled = false
        /// The job to begin with.
        var next: JobRequest?
        var isStopping = false
    }

    private enum Step {
        case compute(JobRequest)
        case stop
    }

    /// How long a job that was asked to stop is waited for: one that hangs in a driver never stops.
    private static let grace = Duration.seconds(5)

    /// Endings of jobs, for the worker's thread.
    let endings: Mailbox<(JobRequest, JobEnding)>
    private let runner: any ShardRunner
    private let state: Monitor<State>
    private let thread: NamedThread

    init(_ runner: any ShardRunner) throws {
        let (endings, state) = (try Mailbox<(JobRequest, JobEnding)>(), Monitor(State()))
        (self.runner, self.endings, self.state) = (runner, endings, state)
        thread = try NamedThread("mae-compute") {
            while case .compute(let job) = Self.nextStep(state) {
                endings.post((job, Self.compute(job, runner, state)))
            }
        }
    }

    func takeEndings() -> [(JobRequest, JobEnding)] { endings.takeAll() }

    var breakdown: (any Error)? { runner.breakdown }

    var progress: JobProgress? { state.withLock { $0.progress } }

    func start(_ job: JobRequest) {
        // Named before it reports anything itself: a job that never does must be seen to hang.
        let start = JobProgress(lease: job.lease, stage: .fetching)
        state.change { $0 = State(progress: start, next: job) }
    }

    func cancel() {
        state.withLock { $0.isCancelled = true }
    }

    /// Ends the thread, and returns when it has ended or a job does not stop.
    func stop() {
        state.change { state in
            state.isCancelled = true
            state.isStopping = true
        }
        // The thread itself throws nothing: how a job ends is in its ending.
        _ = try? thread.join(orDetachAfter: Self.grace)
    }

    private static func nextStep(_ state: Monitor<State>) -> Step {
        state.wait { state in
            if state.isStopping { return .stop }
            defer { state.next = nil }
            return state.next.map(Step.compute)
        }
    }

    private static func compute(_ job: JobRequest, _ runner: any ShardRunner, _ state: Monitor<State>) -> JobEnding {
        let control = ShardControl(
            report: { place in
                let progress = JobProgress(
                    lease: job.lease, stage: place.stage, step: UInt64(clamping: place.step),
                    of: UInt64(clamping: place.steps),
                    layer: place.layer?.clipped(to: WireLimits.tensorNameBytes))
                state.withLock { $0.progress = progress }
            },
            isCancelled: { state.withLock { $0.isCancelled } })
        do {
            return .completed(try runner.run(job, control: control))
        } catch is CancellationError {
            return .stopped
        } catch let failure as JobFailure {
            return .failed(failure)
        } catch {
            return .failed(
                JobFailure(
                    code: "unexpected", message: "\(error)", remedy: "report this with the worker's log",
                    fault: .internal))
        }
    }
}
