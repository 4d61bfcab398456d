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
    func recover(from error: ComputeError) {
        state.withLock { state in
            guard let reopen, error.code != .deviceHung, !state.isOnProbation else {
                state.breakdown = error
                return
            }
            state.isOnProbation = true
            guard let engine = try? reopen(), engine.description.numericClass == state.engine.description.numericClass
            else {
                state.breakdown = error
                return
            }
            state.engine = engine
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
}
