import MAEThreads
import Synchronization
import ZeroMQ

/// Work of moments or of minutes that a signal ends at once.
///
/// Each step runs on a thread of its own while the calling thread tells of it and looks for signals. After a signal the step
/// is asked to stop. Comparing and the like cannot be stopped half-way: a thread that has not ended within ``grace`` is
/// left behind by a program that is about to end, so a step must change nothing that lasts.
struct InterruptibleSteps {
    /// How a step ended.
    enum Ending<Value: Sendable>: Sendable {
        case finished(Value)
        case interrupted(signal: CInt)

        /// What the step returned; nil when a signal came first.
        var value: Value? { if case .finished(let value) = self { value } else { nil } }
    }

    private static let interval = Duration.milliseconds(50)
    /// How long a step that was asked to stop is waited for.
    private static let grace = Duration.milliseconds(200)

    let signals: SignalWatch
    let tell: (VerificationEvent) -> Void

    /// Runs `work` on a thread called `name`.
    ///
    /// - Throws: what `work` throws, and `ThreadError`.
    func run<Value: Sendable>(
        _ name: String, _ work: @escaping @Sendable (StepControl) throws -> Value
    ) throws -> Ending<Value> {
        let control = StepControl()
        let result = Monitor<Result<Value, any Error>?>(nil)
        let thread = try NamedThread(name) {
            let outcome = Result { try work(control) }
            result.change { $0 = outcome }
        }
        defer { tell(.stepEnded) }
        while true {
            if let outcome = result.wait(atMost: Self.interval, { $0 }) {
                try thread.join()
                return .finished(try outcome.get())
            }
            if let step = control.takeStep() { tell(.step(step)) }
            tell(.alive)
            if let signal = signals.take() {
                control.cancel()
                try thread.join(orDetachAfter: Self.grace)
                return .interrupted(signal: signal)
            }
        }
    }
}

/// What a step and the thread that waits for it tell each other.
final class StepControl: Sendable {
    private let state = Mutex((isCancelled: false, step: RunStep?.none))

    /// Whether the step is to stop.
    var isCancelled: Bool { state.withLock(\.isCancelled) }

    /// Says what is being done.
    func show(_ text: String) { state.withLock { $0.step = RunStep(text: text, share: nil) } }

    /// Says what is being done, and how much of it is.
    func show(_ text: String, _ done: Int, of total: Int) {
        state.withLock { $0.step = RunStep(text: text, share: RunStep.Share(done: done, total: total)) }
    }

    fileprivate func cancel() { state.withLock { $0.isCancelled = true } }

    fileprivate func takeStep() -> RunStep? {
        state.withLock { state in
            defer { state.step = nil }
            return state.step
        }
    }
}
