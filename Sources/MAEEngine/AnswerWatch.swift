import MAECompute
import Synchronization

/// Asks a backend the known questions again while it works, so that a device that begins to err is found out before its
/// results go anywhere.
package final class AnswerWatch: Sendable {
    /// Passes between two checks: they take little of the time, and no shard is many times as long.
    package static let usualInterval = 64

    private struct State {
        var passes = 0
        var failure: ComputeError?
    }

    private let expected: KnownAnswers
    private let interval: Int?
    private let ask: @Sendable () throws -> KnownAnswers
    private let state = Mutex(State())

    /// A watch that asks after the first pass and after every `interval`-th; never when that is nil.
    package init(
        expecting expected: KnownAnswers, interval: Int?, ask: @escaping @Sendable () throws -> KnownAnswers
    ) {
        self.expected = expected
        self.interval = interval
        self.ask = ask
    }

    /// To be called with each pass: its results are returned only when the device has not erred.
    ///
    /// - Throws: ``ComputeError`` `deviceMiscomputed` from the first wrong answer on.
    package func guarding<Output>(_ pass: () throws -> Output) throws -> Output {
        guard let interval else { return try pass() }
        if let failure = state.withLock(\.failure) { throw failure }
        let output = try pass()
        let isDue = state.withLock { state in
            defer { state.passes += 1 }
            return state.passes % interval == 0
        }
        guard isDue else { return output }
        let answers = try ask()
        guard answers != expected else { return output }
        let names = zip(answers.answers, expected.answers).filter { $0 != $1 }.map(\.0.name)
        let failure = ComputeError(
            .deviceMiscomputed,
            "the device gives other answers than when it was opened (\(names.joined(separator: ", "))): its results "
                + "since then may be wrong; look for heat, memory errors or a driver's update")
        state.withLock { $0.failure = failure }
        throw failure
    }
}
