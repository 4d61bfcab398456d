import MAECluster
import MAECompute
import MAEDomain
import MAEEngine
import MAETensor
import MAEWire
import Synchronization
import TestSupport
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
        #expect(closed.breakdown?.code == .deviceLost)
        #expect(closed.breakdown?.message == "gone; it could not be opened again: gone")
        let fixed = DeviceKeeper(try Self.engine(), reopen: nil)
        fixed.recover(from: Self.loss)
        #expect(fixed.breakdown == Self.loss)
    }

    @Test("gives it up when it comes back in another class than the coordinator was told of")
    func otherClass() throws {
        let keeper = DeviceKeeper(try Self.engine()) { try Engine(OtherClass()) }
        keeper.recover(from: Self.loss)
        #expect(keeper.breakdown?.message.hasPrefix("gone; it was opened again in class other in place of ") == true)
    }

    @Test("fails the shard as the node's, drops its models, and computes the next one on the device opened anew")
    func runner() throws {
        let first = LosableBackend()
        let opened = Mutex<[LosableBackend]>([])
        let runner = EngineRunner(
            try Engine(first),
            reopen: {
                let backend = LosableBackend()
                opened.withLock { $0.append(backend) }
                return try Engine(backend)
            })
        let job = JobRequest(
            lease: Lease(id: LeaseID(rawValue: 0), epoch: Epoch(rawValue: 1)), run: "r", shard: 0, method: .pretrained,
            label: "hub",
            checkpoint: Goldens.path("checkpoints/hub5"), batchIndex: 0, seed: 42, batchSize: 1)
        func run() throws -> StageDigests {
            try runner.run(job, control: ShardControl(report: { _ in }, isCancelled: { false })).digests
        }
        let expected = try run()
        #expect(first.loaded == 1)
        first.lose()
        let error = #expect(throws: JobFailure.self) { _ = try run() }
        #expect(error?.code == "deviceLost" && error?.fault == .node)
        #expect(runner.breakdown == nil)
        #expect(first.loaded == 0)
        #expect(opened.withLock(\.count) == 1)

        #expect(try run() == expected)
        let second = opened.withLock(\.last)
        #expect(second?.loaded == 1)
        // Twice now, and nothing computed in between.
        second?.lose()
        #expect(throws: JobFailure.self) { _ = try run() }
        #expect(runner.breakdown == nil)
        opened.withLock(\.last)?.lose()
        #expect(throws: JobFailure.self) { _ = try run() }
        #expect(runner.breakdown as? ComputeError == LosableBackend.loss)
        #expect(opened.withLock(\.count) == 2)
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

/// The reference on a device that can be lost: from then on everything on it fails.
private final class LosableBackend: ComputeBackend {
    static let loss = ComputeError(.deviceLost, "gone")

    private let lost = Mutex(false)
    private let parameters = Mutex(0)

    var description: BackendDescription { ReferenceBackend().description }

    /// Sets of weights that are alive.
    var loaded: Int { parameters.withLock(\.self) }

    func lose() { lost.withLock { $0 = true } }

    private func check() throws {
        if lost.withLock(\.self) { throw Self.loss }
    }

    func load(_ parameters: ParameterSet) throws -> any LoadedParameters {
        try check()
        let base = try ReferenceBackend().load(parameters)
        self.parameters.withLock { $0 += 1 }
        return Parameters(base: base, owner: self)
    }

    private final class Parameters: LoadedParameters {
        private let base: any LoadedParameters
        private let owner: LosableBackend

        init(base: any LoadedParameters, owner: LosableBackend) {
            (self.base, self.owner) = (base, owner)
        }

        deinit { owner.parameters.withLock { $0 -= 1 } }

        func compile(_ program: Program) throws -> any Executable {
            try owner.check()
            return Compiled(base: try base.compile(program), owner: owner)
        }
    }

    private final class Compiled: Executable {
        private let base: any Executable
        private let owner: LosableBackend

        init(base: any Executable, owner: LosableBackend) {
            (self.base, self.owner) = (base, owner)
        }

        func run(inputs: [Tensor], indexTables: [[Int32]], control: RunControl) throws -> [Tensor] {
            try owner.check()
            return try base.run(inputs: inputs, indexTables: indexTables, control: control)
        }
    }
}
