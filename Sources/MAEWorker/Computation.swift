import MAEThreads
import MAEWire
import ZeroMQ

/// The thread on which shards are computed, one at a time, while the worker's own thread goes on talking.
final class Computation: Sendable {
    /// How a job ended.
    enum Ending: Sendable {
        case completed(ShardOutput)
        case failed(Failed)
        case stopped
    }

    private struct State {
        var progress: Heartbeat.Progress?
        var isCancelled = false
        /// The job to begin with.
        var next: Job?
        var isStopping = false
    }

    private enum Step {
        case compute(Job)
        case stop
    }

    /// How long a job that was asked to stop is waited for: one that hangs in a driver never stops.
    private static let grace = Duration.seconds(5)

    /// Endings of jobs, for the worker's thread.
    let endings: Mailbox<(Job, Ending)>
    private let runner: any ShardRunner
    private let state: Monitor<State>
    private let thread: NamedThread

    init(_ runner: any ShardRunner) throws {
        let (endings, state) = (try Mailbox<(Job, Ending)>(), Monitor(State()))
        (self.runner, self.endings, self.state) = (runner, endings, state)
        thread = try NamedThread("mae-compute") {
            while case .compute(let job) = Self.nextStep(state) {
                endings.post((job, Self.compute(job, runner, state)))
            }
        }
    }

    /// What ended the runner for good; set before the ending of the job that met it.
    var breakdown: (any Error)? { runner.breakdown }

    /// How far the job is that was started last, from its start on; nil before the first.
    var progress: Heartbeat.Progress? { state.withLock { $0.progress } }

    /// Starts a job; the one before has ended.
    func start(_ job: Job) {
        // Named before it says anything itself: a job that never comes to that must be seen to hang.
        let start = Heartbeat.Progress(lease: job.lease, stage: .fetching, step: 0, steps: 0)
        state.change { $0 = State(progress: start, next: job) }
    }

    /// Asks the job that runs to stop at the next layer.
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
        _ = try? thread.join(orLeaveAfter: Self.grace)
    }

    private static func nextStep(_ state: Monitor<State>) -> Step {
        state.wait { state in
            if state.isStopping { return .stop }
            defer { state.next = nil }
            return state.next.map(Step.compute)
        }
    }

    private static func compute(_ job: Job, _ runner: any ShardRunner, _ state: Monitor<State>) -> Ending {
        let control = ShardControl(
            report: { place in
                let progress = Heartbeat.Progress(
                    lease: job.lease, stage: place.stage, step: UInt64(clamping: place.step),
                    steps: UInt64(clamping: place.steps),
                    layer: place.layer?.clipped(to: WireLimits.tensorNameBytes))
                state.withLock { $0.progress = progress }
            },
            isCancelled: { state.withLock { $0.isCancelled } })
        do {
            return .completed(try runner.run(job, control: control))
        } catch is CancellationError {
            return .stopped
        } catch let error as ShardError {
            return .failed(error.failed)
        } catch {
            return .failed(
                Failed(
                    code: "unexpected", message: "\(error)", remedy: "report this with the worker's log",
                    fault: .internal))
        }
    }
}
