import MAECluster
import MAECompute
import MAEEngine
import MAEWire
import Synchronization
import Testing

@testable import MAEWorker

@Suite("A worker whose device is lost")
struct DeviceLossTests {
    private static let loss = ComputeError(.deviceLost, "gone")

    private static func engine() throws -> Engine { try Engine(EngineOptions(threads: 1)) }

    @Test("opens it anew once, and again after it computed something")
    func reopening() throws {
        let opened = Mutex(0)
        let keeper = DeviceKeeper(try Self.engine()) {
            opened.withLock { $0 += 1 }
            return try Self.engine()
        }
        for round in 1...2 {
            keeper.recover(from: Self.loss)
            #expect(keeper.breakdown == nil)
            #expect(opened.withLock(\.self) == round)
            keeper.worked()
        }
        keeper.recover(from: Self.loss)
        keeper.recover(from: Self.loss)
        #expect(keeper.breakdown == Self.loss)
        #expect(opened.withLock(\.self) == 3)
    }

    @Test("gives it up when work hangs on it, when it does not open, or when nothing can open it")
    func givingUp() throws {
        let hung = ComputeError(.deviceHung, "hangs")
        let keeper = DeviceKeeper(try Self.engine()) {
            Issue.record("a device with work on it was opened again")
            return try Self.engine()
        }
        keeper.recover(from: hung)
        #expect(keeper.breakdown == hung)
        let closed = DeviceKeeper(try Self.engine()) { throw Self.loss }
        closed.recover(from: Self.loss)
        #expect(closed.breakdown == Self.loss)
        let fixed = DeviceKeeper(try Self.engine(), reopen: nil)
        fixed.recover(from: Self.loss)
        #expect(fixed.breakdown == Self.loss)
    }

    @Test("gives it up when it comes back in another class than the coordinator was told of")
    func otherClass() throws {
        let keeper = DeviceKeeper(try Self.engine()) { try Engine(OtherClass()) }
        keeper.recover(from: Self.loss)
        #expect(keeper.breakdown == Self.loss)
    }

    @Test("failures of the input or of memory are no loss of the device")
    func otherFailures() {
        for code in [ComputeError.Code.cancelled, .invalidInput, .outOfMemory, .unsupportedDevice] {
            #expect(!ComputeError(code, "").isLossOfDevice)
        }
        for code in [ComputeError.Code.deviceLost, .deviceHung, .deviceMiscomputed] {
            #expect(ComputeError(code, "").isLossOfDevice)
        }
    }
}

/// The reference under the name of another class.
private struct OtherClass: ComputeBackend {
    var description: BackendDescription {
        BackendDescription(
            backend: "reference", device: "plain Swift", instructionSet: "none", threads: 1, numericClass: "other")
    }

    func load(_ parameters: ParameterSet) throws -> any LoadedParameters { try ReferenceBackend().load(parameters) }
}
