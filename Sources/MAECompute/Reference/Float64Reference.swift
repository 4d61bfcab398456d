import MAETensor
import MAEThreads

/// Carries out a program in double precision, to measure by how much fp32 results are off.
///
/// Weights, inputs and settings are those of the program; only the arithmetic is wider. A weight is read when an operation needs it and
/// let go of afterwards, so a model need not fit into memory.
package struct Float64Reference {
    private let parameters: ParameterSet
    private let operations: Float64Operations

    /// A reference with these weights, on so many threads.
    package init(_ parameters: ParameterSet, threads: Int = ParallelLoop.processorCount) {
        self.parameters = parameters
        operations = Float64Operations(threads: threads)
    }

    /// Runs a program.
    ///
    /// - Returns: the elements of each of the program's outputs.
    /// - Throws: ``ComputeError`` with code `invalidInput` for what does not fit the program and `cancelled` when `control` says so, and
    ///   what a weight throws when it is read.
    package func run(
        _ program: Program, inputs: [Tensor], indexTables: [[Int32]], control: RunControl = RunControl()
    ) throws -> [[Double]] {
        try program.check(inputs: inputs, indexTables: indexTables)
        var values = [[Double]](repeating: [], count: program.buffers.count)
        for (buffer, tensor) in zip(program.inputs, inputs) { values[buffer.index] = tensor.elements.map(Double.init) }
        try program.forEachOperation(control: control) { operation in
            try execute(operation, of: program, indexTables, &values)
        } value: { buffer in
            let shape = program[buffer]
            return Tensor(shape: [shape.rows, shape.columns], elements: values[buffer.index].map { Float($0) })
        }
        return program.outputs.map { values[$0.index] }
    }

    private func execute(
        _ operation: Operation, of program: Program, _ tables: [[Int32]], _ values: inout [[Double]]
    ) throws {
        func matrix(_ buffer: BufferID) -> Float64Operations.Matrix { (program[buffer], values[buffer.index]) }
        switch operation {
        case .gatherPatches(let images, let kept, let geometry, let output):
            values[output.index] = ReferenceOperations.gatherPatches(
                matrix(images), kept: tables[kept.index], geometry)
        case .linear(let input, let id, let activation, let residual, let output):
            values[output.index] = try operations.linear(
                matrix(input), parameters[id], activation, residual: residual.map { values[$0.index] })
        case .layerNorm(let input, let id, let epsilon, let output):
            let norm = parameters[id]
            values[output.index] = operations.layerNorm(
                matrix(input), scale: try norm.scale.doubles(), shift: try norm.shift.doubles(), epsilon: epsilon)
        case .attention(let qkv, let images, let heads, let scale, let output):
            values[output.index] = operations.attention(matrix(qkv), images: images, heads: heads, scale: scale)
        case .assembleTokens(let patches, let kept, let token, let positions, let images, let output):
            values[output.index] = ReferenceOperations.assembleTokens(
                matrix(patches), kept: tables[kept.index], token: try parameters[token].doubles(),
                positions: try parameters[positions].doubles(), images: images)
        case .restoreTokens(let tokens, let slots, let maskToken, let positions, let images, let output):
            values[output.index] = ReferenceOperations.restoreTokens(
                matrix(tokens), slots: tables[slots.index], maskToken: try parameters[maskToken].doubles(),
                positions: try parameters[positions].doubles(), images: images)
        case .meanOverTokens(let tokens, let images, let output):
            values[output.index] = Float64Operations.meanOverTokens(matrix(tokens), images: images)
        case .dropLeadingTokens(let tokens, let count, let images, let output):
            values[output.index] = ReferenceOperations.dropLeadingTokens(matrix(tokens), count: count, images: images)
        }
    }
}

extension Weight {
    /// All elements, widened.
    fileprivate func doubles() throws -> [Double] {
        var elements: [Double] = []
        try read { elements = $0.elements.map(Double.init) }
        return elements
    }
}
