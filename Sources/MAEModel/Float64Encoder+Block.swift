import MAECheckpoint
import MAECompute
import MAETensor

extension Float64Encoder {
    /// Computes one block from tokens of one image, (1, tokens, hidden), that are given.
    ///
    /// - Returns: the tokens after it, tokens·hidden elements.
    /// - Throws: ``ComputeError`` with code `invalidInput` for a block that the model does not have, and what a weight throws when
    ///   it is read.
    package func block(_ index: Int, from tokens: Tensor, control: RunControl = RunControl()) throws -> [Double] {
        precondition(tokens.shape.count == 3 && tokens.shape[0] == 1 && tokens.shape[1] > 0, "tokens of one image")
        let whole = ForwardProgram(
            configuration, parameters, ForwardProgram.Key(images: 1, kept: tokens.shape[1] - 1, decodes: false))
        guard let layer = whole.layers.first(where: { $0.layer == .block(index) }) else {
            throw ComputeError(.invalidInput, "the model has no block \(index)")
        }
        let excerpt = whole.program.excerpt(layer.range)
        let rows = tokens.reshaped(to: [tokens.shape[1], tokens.shape[2]])
        return try Float64Reference(parameters.set).run(
            excerpt.program, inputs: [rows], indexTables: [], control: control)[0]
    }
}
