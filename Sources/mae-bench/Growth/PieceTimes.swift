import MAECPU
import MAECompute
import Synchronization

/// How long each piece of each operation takes in passes that one thread carries out, cut up as for several.
final class PieceTimes: StepAlteration {
    private struct State {
        var last = ContinuousClock.now
        /// By operation, in the order in which threads would take them.
        var pieces: [[Double]] = []
    }

    private let state = Mutex(State())

    /// Watches a pass, in which operations and pieces come one after the other.
    func control(onlyOn processor: Int) -> RunControl {
        state.withLock { $0 = State() }
        var control = RunControl(progress: { [self] _ in beginOperation() })
        control.processor = processor
        return control
    }

    /// Alters nothing: the end of each piece is noted.
    func alteration(
        of index: Int, in program: Program, by instructionSet: InstructionSet
    ) -> (@Sendable (_ piece: ComputedPiece) -> Void)? { { [self] _ in endPiece() } }

    /// The seconds of each piece of the pass that was watched last.
    var pass: [[Double]] { state.withLock(\.pieces) }

    private func beginOperation() {
        state.withLock { state in
            state.pieces.append([])
            state.last = .now
        }
    }

    private func endPiece() {
        let now = ContinuousClock.now
        state.withLock { state in
            guard !state.pieces.isEmpty else { return }
            state.pieces[state.pieces.count - 1].append((now - state.last) / .seconds(1))
            state.last = now
        }
    }
}
