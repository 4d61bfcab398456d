import MAECompute
import MAEDomain
import MAETensor

extension ViTMAEModel {
    /// The operations of each layer of the encoder, for passes of this shape.
    package func encoderLayers(images: Int, kept: Int) -> [LayerOperations] {
        ForwardProgram(configuration, parameters, ForwardProgram.Key(images: images, kept: kept, decodes: false)).layers
    }

    /// Whether a run can be bound to one processor.
    package var bindsRuns: Bool { loaded.bindsRuns }

    /// Prepares passes of this shape up to an operation, in which each operation can be looked at.
    ///
    /// - Parameter count: operations that are carried out, counted from the first of the encoder.
    package func operationsPass(images: Int, kept: Int, first count: Int) throws -> OperationsPass {
        let whole = ForwardProgram(
            configuration, parameters, ForwardProgram.Key(images: images, kept: kept, decodes: false))
        let excerpt = whole.program.excerpt(0..<count)
        return OperationsPass(excerpt, try loaded.compile(excerpt.program.tappingEachOperation()))
    }

    /// Computes blocks of the encoder one by one, each from tokens of one image that are given.
    ///
    /// - Parameter states: (states, tokens, hidden); block `first + i` begins with number i. There may be one more state than blocks
    ///   from `first` on: it is not used.
    /// - Returns: the tokens after each of the blocks, (tokens, hidden).
    /// - Throws: ``ComputeError`` with code `invalidInput` for states that do not fit the model.
    package func restart(_ states: Tensor, fromBlock first: Int, control: RunControl) throws -> [Tensor] {
        let hidden = configuration.encoder.hiddenSize
        guard states.shape.count == 3, states.shape[2] == hidden, states.shape[1] > 0,
            states.shape[1] <= configuration.patchGeometry.patchCount + 1
        else {
            throw ComputeError(
                .invalidInput, "states of shape \(states.shape) do not fit a model whose tokens are \(hidden) wide")
        }
        let tokens = states.shape[1]
        let whole = ForwardProgram(
            configuration, parameters, ForwardProgram.Key(images: 1, kept: tokens - 1, decodes: false))
        let blocks = whole.layers.filter { if case .block = $0.layer { true } else { false } }
        guard blocks.indices.contains(first) else {
            throw ComputeError(.invalidInput, "the model has \(blocks.count) blocks, and none numbered \(first)")
        }
        return try zip(0..<states.shape[0], blocks[first...]).map { index, block in
            let excerpt = whole.program.excerpt(block.range)
            let state = states.rows(index..<index + 1).reshaped(to: [tokens, hidden])
            let outputs = try loaded.compile(excerpt.program).run(inputs: [state], indexTables: [], control: control)
            return outputs[0]
        }
    }
}

/// The first operations of an encoder's pass, ready to run.
package final class OperationsPass {
    private let excerpt: ProgramExcerpt
    private let executable: any Executable

    init(_ excerpt: ProgramExcerpt, _ executable: any Executable) {
        self.excerpt = excerpt
        self.executable = executable
    }

    /// Runs them; `control`'s observer is called after each, with the number of operations done as the position of its tap.
    package func run(images: Tensor, selection: PatchSelection, control: RunControl) throws {
        _ = try executable.run(
            inputs: [images], indexTables: excerpt.tables(of: [selection.tokenPatches]), control: control)
    }
}
