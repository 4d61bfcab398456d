import MAECompute
import MAEEngine
import Testing

@Suite("Known answers")
struct KnownAnswersTests {
    @Test("the reference gives the answers that define the class")
    func reference() throws {
        let answers = try KnownAnswers(of: ReferenceBackend())
        let listing = answers.answers.map { "\"\($0.name)\": \"\($0.digest)\"," }.joined(separator: "\n")
        #expect(answers.deviations == [], "\(listing)")
        #expect(answers.answers.count == 4 + Activation.allCases.count)
    }

    @Test("a backend that computes otherwise is noticed")
    func deviation() throws {
        let answers = try KnownAnswers(of: Deviating())
        #expect(answers.deviations == ["layernorm"])
    }
}

/// The reference with another epsilon in its layer norms: a stand-in for a miscompiled kernel.
private struct Deviating: ComputeBackend {
    var description: BackendDescription { ReferenceBackend().description }

    func load(_ parameters: ParameterSet) throws -> any LoadedParameters {
        Parameters(base: try ReferenceBackend().load(parameters))
    }

    private final class Parameters: LoadedParameters {
        let base: any LoadedParameters

        init(base: any LoadedParameters) { self.base = base }

        func compile(_ program: Program) throws -> any Executable {
            var changed = Program()
            let inputs = Set(program.inputs)
            for (index, shape) in program.buffers.enumerated() {
                _ = inputs.contains { $0.index == index } ? changed.input(shape) : changed.buffer(shape)
            }
            for operation in program.operations {
                if case .layerNorm(let input, let parameters, let epsilon, let output) = operation {
                    changed.append(
                        .layerNorm(input: input, parameters: parameters, epsilon: epsilon + 1e-3, output: output))
                } else {
                    changed.append(operation)
                }
            }
            program.outputs.forEach { changed.output($0) }
            return try base.compile(changed)
        }
    }
}
