import MAETensor

/// The specification: every operation in plain Swift, in the canonical order, one element after the other.
///
/// It is there to be read and to be compared with, not to be fast.
public struct ReferenceBackend: ComputeBackend {
    /// Opens the reference.
    public init() {}

    /// Backend `reference`, one thread, the canonical class.
    public var description: BackendDescription {
        BackendDescription(
            backend: "reference", device: "plain Swift", instructionSet: "none", threads: 1,
            numericClass: NumericClass.canonical)
    }

    /// Copies all weights.
    public func load(_ parameters: ParameterSet) throws -> any LoadedParameters {
        ReferenceParameters(try ReferenceWeights(parameters))
    }
}

private final class ReferenceParameters: LoadedParameters {
    let parameters: ReferenceWeights

    init(_ parameters: ReferenceWeights) {
        self.parameters = parameters
    }

    func compile(_ program: Program) throws -> any Executable {
        ReferenceExecutable(program, parameters)
    }
}

private final class ReferenceExecutable: Executable {
    private let program: Program
    private let parameters: ReferenceWeights

    init(_ program: Program, _ parameters: ReferenceWeights) {
        self.program = program
        self.parameters = parameters
    }

    func run(inputs: [Tensor], indexTables: [[Int32]], control: RunControl) throws -> [Tensor] {
        try program.check(inputs: inputs, indexTables: indexTables)
        var run = ReferenceRun(program, parameters, indexTables)
        for (buffer, tensor) in zip(program.inputs, inputs) { run.values[buffer.index] = tensor.elements }
        try program.forEachOperation(control: control) { operation in
            run.execute(operation)
        } value: { buffer in
            run.tensor(buffer)
        }
        return zip(program.outputs, program.outputShapes).map { run.tensor($0).reshaped(to: $1) }
    }
}

/// The values of all buffers during one run.
private struct ReferenceRun {
    let program: Program
    let parameters: ReferenceWeights
    let indexTables: [[Int32]]
    var values: [[Float]]

    init(_ program: Program, _ parameters: ReferenceWeights, _ indexTables: [[Int32]]) {
        self.program = program
        self.parameters = parameters
        self.indexTables = indexTables
        values = Array(repeating: [], count: program.buffers.count)
    }

    func tensor(_ buffer: BufferID) -> Tensor {
        let shape = program[buffer]
        return Tensor(shape: [shape.rows, shape.columns], elements: values[buffer.index])
    }

    private func matrix(_ buffer: BufferID) -> ReferenceOperations.Matrix {
        (program[buffer], values[buffer.index])
    }

    mutating func execute(_ operation: Operation) {
        switch operation {
        case .gatherPatches(let images, let kept, let geometry, let output):
            values[output.index] = ReferenceOperations.gatherPatches(
                matrix(images), kept: indexTables[kept.index], geometry)
        case .linear(let input, let id, let activation, let residual, let output):
            values[output.index] = ReferenceOperations.linear(
                matrix(input), parameters[id], activation, residual: residual.map { values[$0.index] })
        case .layerNorm(let input, let id, let epsilon, let output):
            values[output.index] = ReferenceOperations.layerNorm(matrix(input), parameters[id], epsilon: epsilon)
        case .attention(let qkv, let images, let heads, let scale, let output):
            values[output.index] = ReferenceOperations.attention(
                matrix(qkv), images: images, heads: heads, scale: scale)
        case .assembleTokens(let patches, let kept, let token, let positions, let images, let output):
            values[output.index] = ReferenceOperations.assembleTokens(
                matrix(patches), kept: indexTables[kept.index], token: parameters[token],
                positions: parameters[positions], images: images)
        case .restoreTokens(let tokens, let slots, let maskToken, let positions, let images, let output):
            values[output.index] = ReferenceOperations.restoreTokens(
                matrix(tokens), slots: indexTables[slots.index], maskToken: parameters[maskToken],
                positions: parameters[positions], images: images)
        case .meanOverTokens(let tokens, let images, let output):
            values[output.index] = ReferenceOperations.meanOverTokens(matrix(tokens), images: images)
        case .dropLeadingTokens(let tokens, let count, let images, let output):
            values[output.index] = ReferenceOperations.dropLeadingTokens(
                matrix(tokens), count: count, images: images)
        }
    }
}
