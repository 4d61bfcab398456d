import Dispatch
import MAEWire
import Synchronization
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
    }

    /// Endings of jobs, for the worker's thread.
    let endings: Mailbox<(Job, Ending)>
    private let runner: any ShardRunner
    private let queue = DispatchQueue(label: "mae-worker.computation")
    private let state = Mutex(State())

    init(_ runner: any ShardRunner) throws {
        self.runner = runner
        endings = try Mailbox()
    }

    /// What ended the runner for good; set before the ending of the job that met it.
    var breakdown: (any Error)? { runner.breakdown }

    /// How far the job is that was started last, from its start on; nil before the first.
    var progress: Heartbeat.Progress? { state.withLock { $0.progress } }

    /// Starts a job; the one before has ended.
    func start(_ job: Job) {
        // Named before it says anything itself: a job that never comes to that must be seen to hang.
        let start = Heartbeat.Progress(lease: job.lease, stage: .fetching, step: 0, steps: 0)
        state.withLock { $0 = State(progress: start) }
        queue.async { [self] in
            endings.post((job, compute(job)))
        }
    }

    /// Asks the job that runs to stop at the next layer.
    func cancel() {
        state.withLock { $0.isCancelled = true }
    }

    private func compute(_ job: Job) -> Ending {
        let control = ShardControl(
            report: { [self] place in
                let progress = Heartbeat.Progress(
                    lease: job.lease, stage: place.stage, step: UInt64(clamping: place.step),
                    steps: UInt64(clamping: place.steps),
                    layer: place.layer?.clipped(to: WireLimits.tensorNameBytes))
                state.withLock { $0.progress = progress }
            },
            isCancelled: { [self] in state.withLock { $0.isCancelled } })
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
