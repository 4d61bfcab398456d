import ComputeTestSupport
import MAECompute
import MAETensor
import Synchronization
import TestSupport
import Testing

@testable import MAECPU

@Suite("CPU backend")
struct CPUBackendTests {
    @Test("an instruction set that this machine lacks is refused, naming those it has")
    func missingInstructionSet() throws {
        for set in InstructionSet.allCases where !InstructionSet.available.contains(set) {
            let error = #expect(throws: ComputeError.self) { try CPUBackend(instructionSet: set) }
            #expect(error?.code == .unsupportedDevice)
            #expect(error?.message.contains(set.rawValue) == true)
            #expect(error?.message.contains("scalar") == true)
        }
    }

    @Test("every available instruction set can be asked for", arguments: InstructionSet.available)
    func forcedInstructionSet(set: InstructionSet) throws {
        let description = try CPUBackend(instructionSet: set, threads: 2).description
        #expect(description.instructionSet == set.rawValue)
        #expect(description.threads == 2)
        #expect(description.numericClass == NumericClass.canonical)
        #expect(!description.device.isEmpty)
    }

    @Test("an impossible number of threads is refused", arguments: [-1, 0, 1025])
    func threadCount(threads: Int) {
        let error = #expect(throws: ComputeError.self) { try CPUBackend(threads: threads) }
        #expect(error?.code == .invalidInput)
    }

    @Test("an executable gives the same bits run after run, and so do two that share weights")
    func repeatedRuns() throws {
        var random = SplitMix(seed: 50)
        var example = Case()
        let block = Block(width: 48, mlp: 100, heads: 3, images: 2, &random)
        let stream = example.input(random.matrix(2 * 30, 48))
        for _ in 0..<4 { block.append(to: &example, stream: stream) }
        example.program.output(stream)
        let loaded = try CPUBackend(threads: 3).load(example.parameters)
        let executables = try [loaded.compile(example.program), loaded.compile(example.program)]
        let expected = try example.run(on: ReferenceBackend())[0]
        for _ in 0..<20 {
            for executable in executables {
                let output = try executable.run(inputs: example.inputs, indexTables: [], control: RunControl())[0]
                #expect(output.hasSameBits(as: expected))
            }
        }
    }

    @Test("two backends of one process compute at the same time, with the reference's bits")
    func twoBackends() async throws {
        var random = SplitMix(seed: 52)
        var example = Case()
        let block = Block(width: 40, mlp: 90, heads: 4, images: 2, &random)
        let stream = example.input(random.matrix(2 * 25, 40))
        for _ in 0..<3 { block.append(to: &example, stream: stream) }
        example.program.output(stream)
        let expected = try example.run(on: ReferenceBackend())[0]
        try await withThrowingTaskGroup(of: Int.self) { group in
            for threads in [2, 3] {
                group.addTask { [example] in
                    let executable = try CPUBackend(threads: threads).load(example.parameters)
                        .compile(example.program)
                    var agreeing = 0
                    for _ in 0..<200 {
                        let output = try executable.run(
                            inputs: example.inputs, indexTables: [], control: RunControl())[0]
                        agreeing += output.hasSameBits(as: expected) ? 1 : 0
                    }
                    return agreeing
                }
            }
            for try await agreeing in group { #expect(agreeing == 200) }
        }
    }

    @Test("pinned threads compute the same bits, and more of them than processors are refused")
    func pinned() throws {
        var random = SplitMix(seed: 53)
        var example = Case()
        let block = Block(width: 16, mlp: 20, heads: 2, images: 1, &random)
        let stream = example.input(random.matrix(9, 16))
        block.append(to: &example, stream: stream)
        example.program.output(stream)
        let expected = try example.run(on: ReferenceBackend())[0]
        let threads = min(2, Processor.allowedCount)
        #expect(try example.run(on: CPUBackend(threads: threads, pins: true))[0].hasSameBits(as: expected))
        let error = #expect(throws: ComputeError.self) {
            try CPUBackend(threads: Processor.allowedCount + 1, pins: true)
        }
        #expect(error?.code == .invalidInput)
    }

    @Test("progress names the layer before each step, taps show what the reference shows, and a run can be cancelled")
    func control() throws {
        var random = SplitMix(seed: 51)
        var example = Case()
        let block = Block(width: 16, mlp: 20, heads: 2, images: 1, &random)
        let stream = example.input(random.matrix(9, 16))
        for layer in 0..<3 {
            block.append(to: &example, stream: stream)
            example.program.tap("layer.\(layer)", stream)
        }
        example.program.output(stream)
        let backend = try CPUBackend(threads: 2)

        let seen = Mutex<[Tensor]>([])
        let done = Mutex<[Int]>([])
        let layers = Mutex<[String?]>([])
        let watch = RunControl(
            progress: { progress in
                done.withLock { $0.append(progress.done) }
                layers.withLock { $0.append(progress.layer) }
            },
            observer: { _, value in seen.withLock { $0.append(value) } })
        _ = try example.run(on: backend, control: watch)
        let mine = seen.withLock { $0 }
        seen.withLock { $0 = [] }
        #expect(done.withLock { $0 } == Array(0...example.program.operations.count))
        #expect(layers.withLock { $0 } == (0..<21).map { "layer.\($0 / 7)" } + [nil])
        _ = try example.run(on: ReferenceBackend(), control: RunControl(observer: watch.observer))
        let reference = seen.withLock { $0 }
        #expect(mine.count == 3 && zip(mine, reference).allSatisfy { $0.hasSameBits(as: $1) })

        done.withLock { $0 = [] }
        let stop = RunControl(progress: watch.progress, isCancelled: { done.withLock { $0.count } == 5 })
        let error = #expect(throws: ComputeError.self) { try example.run(on: backend, control: stop) }
        #expect(error?.code == .cancelled)
        #expect(done.withLock { $0 } == [0, 1, 2, 3, 4])
    }
}

/// Weights of a transformer block.
private struct Block {
    let width: Int, mlp: Int, heads: Int, images: Int
    let weights: [Tensor]
    let biases: [Tensor]

    init(width: Int, mlp: Int, heads: Int, images: Int, _ random: inout SplitMix) {
        self.width = width
        self.mlp = mlp
        self.heads = heads
        self.images = images
        weights = [(width, width), (width, width), (width, width), (width, width), (mlp, width), (width, mlp)].map {
            random.matrix($0, $1)
        }
        biases = weights.map { random.vector($0.shape[0]) }
    }

    func append(to example: inout Case, stream: BufferID) {
        let rows = example.program[stream].rows
        let norm = example.parameters.add(LayerNormParameters(scale: biases[0], shift: biases[1]))
        let qkvLayer = example.parameters.add(
            LinearParameters(weights: Array(weights[0..<3]), biases: Array(biases[0..<3])))
        let others = (3..<6).map { LinearParameters(weights: [weights[$0]], biases: [biases[$0]]) }
        let layers = others.map { example.parameters.add($0) }

        let normed = example.program.buffer(MatrixShape(rows: rows, columns: width))
        let qkv = example.program.buffer(MatrixShape(rows: rows, columns: 3 * width))
        let attended = example.program.buffer(MatrixShape(rows: rows, columns: width))
        let hidden = example.program.buffer(MatrixShape(rows: rows, columns: mlp))
        example.program.append(.layerNorm(input: stream, parameters: norm, epsilon: 1e-6, output: normed))
        example.program.append(
            .linear(input: normed, parameters: qkvLayer, activation: nil, residual: nil, output: qkv))
        example.program.append(
            .attention(qkv: qkv, images: images, heads: heads, scale: 0.2, output: attended))
        example.program.append(
            .linear(input: attended, parameters: layers[0], activation: nil, residual: stream, output: stream))
        example.program.append(.layerNorm(input: stream, parameters: norm, epsilon: 1e-6, output: normed))
        example.program.append(
            .linear(input: normed, parameters: layers[1], activation: .gelu, residual: nil, output: hidden))
        example.program.append(
            .linear(input: hidden, parameters: layers[2], activation: nil, residual: stream, output: stream))
    }
}
