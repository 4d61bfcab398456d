import MAECompute
import MAEEngine
import Synchronization

/// The engine that a worker computes with, opened again when its device is lost.
final class DeviceKeeper: Sendable {
    private struct State {
        var engine: Engine
        /// Whether the device was lost and nothing has been computed since.
        var isOnProbation = false
        var breakdown: ComputeError?
    }

    private let state: Mutex<State>
    private let reopen: (@Sendable () throws -> Engine)?

    init(_ engine: Engine, reopen: (@Sendable () throws -> Engine)?) {
        state = Mutex(State(engine: engine))
        self.reopen = reopen
    }

    var current: Engine { state.withLock(\.engine) }

    /// What ended the device for good.
    var breakdown: ComputeError? { state.withLock(\.breakdown) }

    /// Notes that a shard was computed: the device is sound again.
    func worked() {
        state.withLock { $0.isOnProbation = false }
    }

    /// Opens the device again after `error`, or gives it up: when it was lost twice in a row, when work hangs on it, or
    /// when it comes back in another class than the coordinator was told of.
    ///
    /// Called on the thread that computes. Opening a device may take long, so the lock is not held meanwhile.
    func recover(from error: ComputeError) {
        let lost = state.withLock { state -> Engine? in
            guard reopen != nil, error.code != .deviceHung, !state.isOnProbation else {
                state.breakdown = error
                return nil
            }
            state.isOnProbation = true
            return state.engine
        }
        guard let lost, let reopen else { return }
        do {
            let engine = try reopen()
            let (was, now) = (lost.description.numericClass, engine.description.numericClass)
            state.withLock { state in
                if was == now {
                    state.engine = engine
                } else {
                    state.breakdown = error.adding("it was opened again in class \(now) in place of \(was)")
                }
            }
        } catch let reason {
            state.withLock { $0.breakdown = error.adding("it could not be opened again: \(reason)") }
        }
    }
}

extension ComputeError {
    /// Whether nothing can be computed on the device as it is open now.
    var isLossOfDevice: Bool {
        switch code {
        case .deviceLost, .deviceHung, .deviceMiscomputed: true
        case .cancelled, .unsupportedDevice, .outOfMemory, .invalidInput: false
        }
    }

    /// The error with what came of opening the device again.
    fileprivate func adding(_ text: String) -> ComputeError { ComputeError(code, "\(message); \(text)") }
}
