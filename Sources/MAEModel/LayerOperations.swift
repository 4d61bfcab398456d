import MAECompute
import MAEDomain

/// An operation of an encoder's program, as people who look for the first one that went wrong read it.
package struct EncoderOperation: Sendable, Hashable {
    /// What kind of operation it is.
    package let kind: ExaminedOperation.Kind
    /// What it is, with transformers' name of the module: `linear 768 → 3072 with gelu (intermediate.dense)`.
    package let words: String
    /// Rows of its output for each image.
    package let rows: Int
    /// Elements of a row.
    package let columns: Int
    /// Heads that a row is made of; 1 where it has none.
    package let heads: Int
}

/// The operations of one layer of an encoder.
package struct LayerOperations: Sendable {
    /// The layer.
    package let layer: EncoderLayer
    /// Their places in the program.
    package let range: Range<Int>
    /// What they are.
    package let operations: [EncoderOperation]
}

extension ForwardProgram {
    /// The operations of each layer of the encoder, in order.
    var layers: [LayerOperations] {
        var start = 0
        return program.taps.compactMap { tap in
            defer { start = tap.position }
            guard let layer = EncoderLayer(name: tap.name) else { return nil }
            let range = start..<tap.position
            let modules = Self.modules(of: layer)
            return LayerOperations(
                layer: layer, range: range,
                operations: zip(range, modules).map { operation(program.operations[$0], module: $1) })
        }
    }

    private func operation(_ operation: Operation, module: String) -> EncoderOperation {
        var heads = 1
        let kind: ExaminedOperation.Kind
        switch operation {
        case .gatherPatches, .assembleTokens, .restoreTokens, .dropLeadingTokens: kind = .gathering
        case .linear(_, _, let activation, _, _): kind = activation == nil ? .product : .activatedProduct
        case .layerNorm: kind = .layerNorm
        case .attention(_, _, let count, _, _): (kind, heads) = (.attention, count)
        case .meanOverTokens: kind = .mean
        }
        let shape = program[operation.output]
        return EncoderOperation(
            kind: kind,
            words: "\(program.words(for: operation)) (\(module))", rows: shape.rows / images, columns: shape.columns,
            heads: heads)
    }

    /// What transformers calls the modules of a layer, in the order of the operations.
    private static func modules(of layer: EncoderLayer) -> [String] {
        switch layer {
        case .embeddings: ["pixel_values", "patch_embeddings.projection", "embeddings"]
        case .block:
            [
                "layernorm_before", "attention.attention: query, key, value", "attention.attention",
                "attention.output.dense", "layernorm_after", "intermediate.dense", "output.dense",
            ]
        case .finalNorm: ["layernorm", "mean over tokens"]
        }
    }
}
