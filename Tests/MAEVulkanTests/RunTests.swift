import ComputeTestSupport
import MAECompute
import MAETensor
import Synchronization
import TestSupport
import Testing

@testable import MAEVulkan

@Suite("Runs on a Vulkan device", .onDevice, .underValidation)
struct RunTests {
    /// Two layers with a tap after each.
    private static func example(rows: Int = 9) -> Case {
        var random = SplitMix(seed: 2)
        var example = Case()
        let input = example.input(random.matrix(rows, 40))
        var last = input
        for layer in 0..<2 {
            let id = example.parameters.add(
                LinearParameters(weights: [random.matrix(40, 40)], biases: [random.vector(40)]))
            let next = example.program.buffer(MatrixShape(rows: rows, columns: 40))
            example.program.append(
                .linear(input: last, parameters: id, activation: .gelu, residual: last, output: next))
            example.program.tap("layer.\(layer)", next)
            last = next
        }
        example.program.output(last)
        return example
    }

    @Test("observers see each tap with the reference's bits, and the run's outputs stay the same")
    func taps() throws {
        func observed(_ backend: some ComputeBackend) throws -> (names: [String], values: [Tensor], outputs: [Tensor]) {
            let seen = Mutex<[(String, Tensor)]>([])
            let outputs = try Self.example().run(
                on: backend,
                control: RunControl(observer: { tap, value in seen.withLock { $0.append((tap.name, value)) } }))
            return (seen.withLock { $0.map(\.0) }, seen.withLock { $0.map(\.1) }, outputs)
        }
        let expected = try observed(ReferenceBackend())
        let result = try observed(TestDevice.backend.get())
        #expect(result.names == expected.names && result.names.count == 2)
        #expect(result.values == expected.values)
        #expect(result.outputs == expected.outputs)
        #expect(try Self.example().run(on: TestDevice.backend.get()) == expected.outputs)
    }

    @Test("one executable gives each input its own outputs, watched or not")
    func repetition() throws {
        let example = Self.example()
        let executable = try TestDevice.backend.get().load(example.parameters).compile(example.program)
        var random = SplitMix(seed: 3)
        let controls = [
            RunControl(), RunControl(progress: { _ in }), RunControl(observer: { _, _ in }),
            RunControl(progress: { _ in }, observer: { _, _ in }),
        ]
        for control in controls + controls {
            var again = example
            again.inputs = [random.matrix(9, 40)]
            let outputs = try executable.run(inputs: again.inputs, indexTables: [], control: control)
            #expect(outputs == (try again.run(on: ReferenceBackend())))
        }
    }

    @Test("progress names the layer of each piece and ends at the last operation, and a run that is not wanted stops")
    func control() throws {
        func steps(observer: (@Sendable (Tap, Tensor) -> Void)?) throws -> [RunProgress] {
            let steps = Mutex<[RunProgress]>([])
            _ = try Self.example().run(
                on: TestDevice.backend.get(),
                control: RunControl(progress: { place in steps.withLock { $0.append(place) } }, observer: observer))
            return steps.withLock(\.self)
        }
        let (first, last) = (
            RunProgress(done: 0, total: 2, layer: "layer.0"), RunProgress(done: 2, total: 2, layer: nil)
        )
        // So little work is one piece, unless somebody looks in between.
        #expect(try steps(observer: nil) == [first, last])
        #expect(
            try steps(observer: { _, _ in }) == [first, RunProgress(done: 1, total: 2, layer: "layer.1"), last])
        let error = #expect(throws: ComputeError.self) {
            _ = try Self.example().run(on: TestDevice.backend.get(), control: RunControl(isCancelled: { true }))
        }
        #expect(error?.code == .cancelled)
    }

    /// As workers run: the processor as it is, and as if it were a GPU that does not fuse.
    @Test(
        "a run that is watched is handed over in pieces, with the same bits, and stops between them",
        arguments: [PhysicalDevice.Kind.cpu, .discrete])
    func pieces(kind: PhysicalDevice.Kind) throws {
        _ = try TestDevice.backend.get()
        let backend = try VulkanBackend(TestDevice.open(), tiles: .fixed(.small)) { $0.kind = kind }
        // Each layer is more than a tenth of a second's work.
        let example = Self.example(rows: 40_000)
        let executable = try backend.load(example.parameters).compile(example.program)
        func run(_ control: RunControl) throws -> [Tensor] {
            try executable.run(inputs: example.inputs, indexTables: [], control: control)
        }
        let expected = try run(RunControl())
        let done = Mutex<[Int]>([])
        let progress: @Sendable (RunProgress) -> Void = { place in done.withLock { $0.append(place.done) } }
        #expect(try run(RunControl(progress: progress, isCancelled: { false })) == expected)
        #expect(done.withLock(\.self) == [0, 1, 2])
        done.withLock { $0 = [] }
        let error = #expect(throws: ComputeError.self) {
            _ = try run(RunControl(progress: progress, isCancelled: { !done.withLock(\.isEmpty) }))
        }
        #expect(error?.code == .cancelled)
        #expect(done.withLock(\.self) == [0])
        #expect(try run(RunControl()) == expected)
    }

    @Test("a pass that the device leaves out gives NaN, not what the pass before gave", arguments: [false, true])
    func leftOut(isWatched: Bool) throws {
        _ = try TestDevice.backend.get()
        let isLeftOut = Mutex(false)
        let calls = Calls { function in
            // Neither is called then: the fence keeps the signal of the pass before.
            [.resetFences, .submit].contains(function) && isLeftOut.withLock(\.self) ? 0 : nil
        }
        let example = Self.example()
        let executable = try VulkanBackend(TestDevice.open(calls)).load(example.parameters).compile(example.program)
        let looks = Mutex<[Tensor]>([])
        let observer: @Sendable (Tap, Tensor) -> Void = { _, value in looks.withLock { $0.append(value) } }
        /// The output, with what the observer saw.
        func run() throws -> [Float] {
            let outputs = try executable.run(
                inputs: example.inputs, indexTables: [], control: RunControl(observer: isWatched ? observer : nil))
            return looks.withLock { looks in
                defer { looks = [] }
                return (outputs + looks).flatMap(\.elements)
            }
        }
        let values = try run()
        #expect(values.count == 9 * 40 * (isWatched ? 3 : 1))
        #expect(values.allSatisfy { $0.isFinite })
        isLeftOut.withLock { $0 = true }
        #expect(try run().allSatisfy { $0.isNaN })
        isLeftOut.withLock { $0 = false }
        #expect(try run() == values)
    }

    @Test("what no operation wrote is NaN")
    func unwritten() throws {
        var example = Case()
        let input = example.input(Tensor(shape: [4, 4], repeating: 1))
        example.program.output(input)
        example.program.output(example.program.buffer(MatrixShape(rows: 7, columns: 9)))
        let outputs = try example.run(on: TestDevice.backend.get())
        #expect(outputs[0].elements.allSatisfy { $0 == 1 })
        #expect(outputs[1].elements.allSatisfy { $0.isNaN })
    }

    @Test("indices outside their table are refused before the device sees them")
    func indices() throws {
        var example = Case()
        let table = example.table([0, 4])
        let geometry = PatchGeometry(channels: 1, imageHeight: 4, imageWidth: 4, patchHeight: 2, patchWidth: 2)
        let pixels = example.input(Tensor(shape: [1, 16], repeating: 1))
        example.output(rows: 2, columns: 4) {
            .gatherPatches(images: pixels, kept: table, geometry: geometry, output: $0)
        }
        let error = #expect(throws: ComputeError.self) { _ = try example.run(on: TestDevice.backend.get()) }
        #expect(error?.code == .invalidInput)
    }

    @Test("what a device cannot hold or see is outOfMemory, weights that it cannot see are unsupported")
    func limits() throws {
        _ = try TestDevice.backend.get()
        let wide = Self.example(rows: 250)
        let small = try VulkanBackend(TestDevice.open()) { $0.limits.allocation = 70_000 }
        let held = #expect(throws: ComputeError.self) { _ = try wide.run(on: small) }
        #expect(held?.code == .outOfMemory)
        #expect(try Self.example().run(on: small) == Self.example().run(on: ReferenceBackend()))
        let narrow = try VulkanBackend(TestDevice.open()) { $0.limits.storageRange = 6400 }
        let seen = #expect(throws: ComputeError.self) { _ = try wide.run(on: narrow) }
        #expect(seen?.code == .outOfMemory)
        #expect(try Self.example().run(on: narrow) == Self.example().run(on: ReferenceBackend()))
        let blind = try VulkanBackend(TestDevice.open()) { $0.limits.storageRange = 6399 }
        let unseen = #expect(throws: ComputeError.self) { _ = try Self.example().run(on: blind) }
        #expect(unseen?.code == .unsupportedDevice)
    }
}
