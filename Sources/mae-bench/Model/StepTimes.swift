import MAECompute
import Synchronization

/// How long each operation of a pass takes: from the end of the one before to its own.
final class StepTimes: Sendable {
    private let state = Mutex<(last: ContinuousClock.Instant?, passes: [[Double]])>((nil, []))

    /// What tells of the operations of one more pass.
    func control() -> RunControl {
        state.withLock {
            $0.last = nil
            $0.passes.append([])
        }
        return RunControl(progress: { [self] _ in mark() })
    }

    private func mark() {
        let now = ContinuousClock().now
        state.withLock { state in
            if let last = state.last { state.passes[state.passes.count - 1].append((now - last) / .seconds(1)) }
            state.last = now
        }
    }

    /// The seconds of each operation, in the order of the program, over all passes.
    func spreads() -> [Spread] {
        let passes = state.withLock(\.passes)
        return (passes.first ?? []).indices.map { step in Spread(passes.map { $0[step] }) }
    }
}
