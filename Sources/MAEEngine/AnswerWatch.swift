import MAECompute
import Synchronization

/// Asks a backend the known questions again while it works, so that a device that begins to err is found out before its
/// results go anywhere.
package final class AnswerWatch: Sendable {
    /// Passes between two checks: they take little of the time, and no shard is many times as long.
    package static let usualInterval = 64

    private struct State {
        var passes = 0
        /// Whether an answer is owed: only one that came settles that.
        var isDue = false
        /// The variant of the backend that was asked last.
        var variant: String
        var failure: ComputeError?
    }

    private let expected: KnownAnswers
    private let interval: Int?
    private let ask: @Sendable () throws -> KnownAnswers
    private let variant: @Sendable () -> String
    private let state: Mutex<State>

    /// A watch that asks after the first pass, after every `interval`-th, and after one that changed the backend's
    /// variant; never when the interval is nil.
    package init(
        expecting expected: KnownAnswers, interval: Int?, variant: @escaping @Sendable () -> String = { "" },
        ask: @escaping @Sendable () throws -> KnownAnswers
    ) {
        self.expected = expected
        self.interval = interval
        self.variant = variant
        self.ask = ask
        state = Mutex(State(variant: variant()))
    }

    /// To be called with each pass: its results are returned only when the device has not erred.
    ///
    /// - Throws: ``ComputeError`` `deviceMiscomputed` from the first wrong answer on. When the question itself fails, its
    ///   error; the next pass is followed by the question again.
    package func checking<Output>(_ pass: () throws -> Output) throws -> Output {
        guard let interval else { return try pass() }
        if let failure = state.withLock(\.failure) { throw failure }
        let output = try pass()
        let variant = variant()
        let isDue = state.withLock { state in
            if state.passes % interval == 0 || state.variant != variant { state.isDue = true }
            state.passes += 1
            return state.isDue
        }
        guard isDue else { return output }
        let answers = try ask()
        guard answers != expected else {
            state.withLock { state in
                state.isDue = false
                state.variant = variant
            }
            return output
        }
        let names = zip(answers.answers, expected.answers).filter { $0 != $1 }.map(\.0.name)
        let failure = ComputeError(
            .deviceMiscomputed,
            "the device gives other answers than when it was opened (\(names.joined(separator: ", "))): its results "
                + "since then may be wrong; look for heat, memory errors or a driver's update")
        state.withLock { $0.failure = failure }
        throw failure
    }
}
