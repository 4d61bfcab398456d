import MAECPU
import MAECompute
import MAETensor
import TestSupport
import Testing

@testable import mae_bench

/// A backend with one wrong bit in one output of the programs with a certain number of outputs.
private struct FlippingBackend: ComputeBackend {
    let backend: CPUBackend
    let output: Int
    let outputCount: Int

    var description: BackendDescription { backend.description }

    func load(_ parameters: ParameterSet) throws -> any LoadedParameters {
        Loaded(loaded: try backend.load(parameters), output: output, outputCount: outputCount)
    }

    private final class Loaded: LoadedParameters {
        let loaded: any LoadedParameters
        let output: Int
        let outputCount: Int

        init(loaded: any LoadedParameters, output: Int, outputCount: Int) {
            self.loaded = loaded
            self.output = output
            self.outputCount = outputCount
        }

        func compile(_ program: MAECompute.Program) throws -> any Executable {
            Flipping(executable: try loaded.compile(program), output: output, outputCount: outputCount)
        }
    }

    private final class Flipping: Executable {
        let executable: any Executable
        let output: Int
        let outputCount: Int

        init(executable: any Executable, output: Int, outputCount: Int) {
            self.executable = executable
            self.output = output
            self.outputCount = outputCount
        }

        func run(inputs: [Tensor], indexTables: [[Int32]], control: RunControl) throws -> [Tensor] {
            var outputs = try executable.run(inputs: inputs, indexTables: indexTables, control: control)
            guard outputs.count == outputCount else { return outputs }
            let right = outputs[output]
            outputs[output] = Tensor(shape: right.shape) { elements in
                right.withUnsafeElements { source in
                    for index in elements.indices { elements[index] = source[index] }
                }
                elements[elements.count - 1] = Float(bitPattern: elements[elements.count - 1].bitPattern ^ 1)
            }
            return outputs
        }
    }
}

@Suite("what mae-bench asks for before it times")
struct BenchCheckTests {
    @Test("a right backend passes", arguments: [0, 0.5])
    func passes(ratio: Double) throws {
        try BackendCheck.pass(try CPUBackend(threads: 2), maskRatio: ratio)
    }

    @Test("one wrong bit of the whole model is noticed, named, and ends with code 1", arguments: [0, 1, 2])
    func noticesWrongModel(output: Int) throws {
        let backend = FlippingBackend(backend: try CPUBackend(threads: 1), output: output, outputCount: 3)
        let error = try #require(throws: WrongResult.self) { try BackendCheck.pass(backend, maskRatio: 0) }
        #expect(error.description.contains(["layernorm", "pooled", "logits"][output]))
        #expect(BenchExit.code(for: error) == 1)
    }

    @Test("one wrong bit of a known answer is noticed")
    func noticesWrongAnswer() throws {
        let backend = FlippingBackend(backend: try CPUBackend(threads: 1), output: 0, outputCount: 1)
        let error = try #require(throws: WrongResult.self) { try BackendCheck.pass(backend, maskRatio: 0) }
        #expect(error.description.contains("known answers"))
    }

    @Test("a kernel's wrong bit is noticed at every product")
    func noticesWrongKernel() throws {
        let right = try CPUBackend(threads: 1)
        let wrong = FlippingBackend(backend: right, output: 0, outputCount: 1)
        for product in ModelProduct.all(of: .tiny, images: 2, maskRatio: 0.75) {
            let reference = try product.reference()
            #expect(try product.gives(reference, on: right), "\(product.name)")
            #expect(try !product.gives(reference, on: wrong), "\(product.name)")
        }
    }

    @Test("forms of different weights are not timed")
    func noticesOtherWeights() throws {
        let forms = try CheckpointForms()
        try forms.add([.pretrained], of: GoldenForm.path("hub4"), configuration: nil)
        let loads = Loads(forms: forms, configuration: nil, options: ["--batch-size", "2"])
        #expect(try loads.agreeingRound().weights_sha256 == GoldenForm.weights)
        try forms.add([.pretrained], of: GoldenForm.path("hub-fp16"), configuration: nil)
        let error = try #require(throws: WrongResult.self) { _ = try loads.agreeingRound() }
        #expect(error.description.contains("weights"))
    }

    @Test("the value in the middle of an even number is the mean of two")
    func spreads() {
        let spread = Spread([4, 1, 3, 10])
        #expect([spread.min, spread.median, spread.max] == [1, 3.5, 10])
        #expect(Spread([2]).median == 2)
    }
}
