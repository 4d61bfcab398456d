import Dispatch
import MAEDomain
import MAEWire
import Synchronization
import ZeroMQ

/// The thread on which shards are computed, one at a time, while the worker's own thread goes on talking.
final class Computation: JobExecutor, Sendable {
    private struct State {
        var progress: JobProgress?
        var isCancelled = false
    }

    /// Endings of jobs, for the worker's thread.
    let endings: Mailbox<(Job, JobEnding)>
    private let runner: any ShardRunner
    private let queue = DispatchQueue(label: "mae-worker.computation")
    private let state = Mutex(State())

    init(_ runner: any ShardRunner) throws {
        self.runner = runner
        endings = try Mailbox()
    }

    func takeEndings() -> [(Job, JobEnding)] { endings.takeAll() }

    var breakdown: (any Error)? { runner.breakdown }

    var progress: JobProgress? { state.withLock { $0.progress } }

    func start(_ job: Job) {
        // Named before it reports anything itself: a job that never does must be seen to hang.
        let start = JobProgress(lease: job.lease, stage: .fetching)
        state.withLock { $0 = State(progress: start) }
        queue.async { [self] in
            endings.post((job, compute(job)))
        }
    }

    func cancel() {
        state.withLock { $0.isCancelled = true }
    }

    private func compute(_ job: Job) -> JobEnding {
        let control = ShardControl(
            report: { [self] place in
                let progress = JobProgress(
                    lease: job.lease, stage: place.stage, step: UInt64(clamping: place.step),
                    of: UInt64(clamping: place.steps),
                    layer: place.layer?.clipped(to: WireLimits.tensorNameBytes))
                state.withLock { $0.progress = progress }
            },
            isCancelled: { [self] in state.withLock { $0.isCancelled } })
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
