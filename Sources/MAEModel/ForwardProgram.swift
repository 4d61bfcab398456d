import MAECheckpoint
import MAECompute
import MAEDomain

/// A forward pass of ViT-MAE for one batch size and number of kept patches, written as a ``Program``.
struct ForwardProgram {
    /// What a pass is specialized to.
    struct Key: Hashable {
        let images: Int
        let kept: Int
        let decodes: Bool
    }

    let program: Program
    /// Images in the pass.
    let images: Int

    /// Positions in the program's outputs.
    static let layernormOutput = 0
    static let pooledOutput = 1
    static let logitsOutput = 2

    /// Writes the encoder and, where `key` asks for it, the decoder.
    ///
    /// Inputs: images (B × C·h·w). Index tables: kept patches, ascending (B·K), and with the decoder their slots (B·N).
    /// Outputs: layernorm (B·T × H), its mean over tokens (B × H) and logits (B·N × pixels of a patch).
    init(_ configuration: ViTMAEConfiguration, _ parameters: ModelParameters, _ key: Key) {
        var writer = Writer(configuration: configuration, key: key)
        let encoded = writer.encoder(parameters.encoder)
        if key.decodes, let decoder = parameters.decoder {
            writer.decoder(decoder, encoded: encoded)
        }
        program = writer.program
        images = key.images
    }
}

/// Appends the model's operations to a program.
private struct Writer {
    let configuration: ViTMAEConfiguration
    let key: ForwardProgram.Key
    var program = Program()

    /// PyTorch adds the configuration's double to fp32 variances: it is rounded once.
    private var epsilon: Float { Float(configuration.layerNormEpsilon) }

    private func matrix(_ rows: Int, _ columns: Int) -> MatrixShape { MatrixShape(rows: rows, columns: columns) }

    mutating func encoder(_ parameters: ModelParameters.Encoder) -> BufferID {
        let geometry = configuration.patchGeometry
        let hidden = configuration.encoder.hiddenSize
        let keptRows = key.images * key.kept
        let tokenRows = keptRows + key.images
        let images = program.input(matrix(key.images, geometry.imagePixels))
        let kept = program.indexTable(count: keptRows)
        let pixels = program.buffer(matrix(keptRows, geometry.patchPixels))
        let patches = program.buffer(matrix(keptRows, hidden))
        let tokens = program.buffer(matrix(tokenRows, hidden))
        program.append(.gatherPatches(images: images, kept: kept, geometry: geometry, output: pixels))
        program.append(
            .linear(
                input: pixels, parameters: parameters.patchProjection, activation: nil, residual: nil, output: patches))
        program.append(
            .assembleTokens(
                patches: patches, kept: kept, token: parameters.classToken, positions: parameters.positions,
                images: key.images, output: tokens))
        program.tap(EncoderLayer.embeddings.name, tokens)
        blocks(parameters.blocks, tokens: tokens, dimensions: configuration.encoder) { EncoderLayer.block($0).name }
        let normalized = program.buffer(matrix(tokenRows, hidden))
        let pooled = program.buffer(matrix(key.images, hidden))
        program.append(
            .layerNorm(
                input: tokens, parameters: parameters.norm, epsilon: epsilon, output: normalized)
        )
        program.append(.meanOverTokens(tokens: normalized, images: key.images, output: pooled))
        program.tap(EncoderLayer.finalNorm.name, normalized)
        program.output(normalized, as: [key.images, key.kept + 1, hidden])
        program.output(pooled)
        return normalized
    }

    mutating func decoder(_ parameters: ModelParameters.Decoder, encoded: BufferID) {
        let hidden = configuration.decoder.hiddenSize
        let patchCount = configuration.patchGeometry.patchCount
        let rows = key.images * (patchCount + 1)
        let slots = program.indexTable(count: key.images * patchCount)
        let narrow = program.buffer(matrix(program[encoded].rows, hidden))
        let tokens = program.buffer(matrix(rows, hidden))
        program.append(
            .linear(input: encoded, parameters: parameters.embed, activation: nil, residual: nil, output: narrow))
        program.append(
            .restoreTokens(
                tokens: narrow, slots: slots, maskToken: parameters.maskToken, positions: parameters.positions,
                images: key.images, output: tokens))
        program.tap("decoder.embeddings", tokens)
        blocks(parameters.blocks, tokens: tokens, dimensions: configuration.decoder) { "decoder.decoder_layers.\($0)" }
        let normalized = program.buffer(matrix(rows, hidden))
        let predicted = program.buffer(matrix(rows, configuration.patchGeometry.patchPixels))
        let logits = program.buffer(matrix(rows - key.images, configuration.patchGeometry.patchPixels))
        program.append(
            .layerNorm(
                input: tokens, parameters: parameters.norm, epsilon: epsilon, output: normalized)
        )
        program.append(
            .linear(
                input: normalized, parameters: parameters.prediction, activation: nil, residual: nil, output: predicted)
        )
        program.append(.dropLeadingTokens(tokens: predicted, count: 1, images: key.images, output: logits))
        program.tap("decoder.decoder_pred", logits)
        program.output(logits, as: [key.images, patchCount, configuration.patchGeometry.patchPixels])
    }

    /// Pre-norm blocks: `x + attention(norm(x))`, then `x + mlp(norm(x))` (Dosovitskiy and others, 2021).
    private mutating func blocks(
        _ blocks: [ModelParameters.Block], tokens: BufferID, dimensions: TransformerDimensions,
        name: (_ index: Int) -> String
    ) {
        let rows = program[tokens].rows
        let hidden = dimensions.hiddenSize
        guard !blocks.isEmpty else { return }
        let normalized = program.buffer(matrix(rows, hidden))
        let qkv = program.buffer(matrix(rows, 3 * hidden))
        let attended = program.buffer(matrix(rows, hidden))
        let widened = program.buffer(matrix(rows, dimensions.intermediateSize))
        // PyTorch computes the scale in double precision; it is rounded once.
        let scale = Float(1 / Double(dimensions.headWidth).squareRoot())
        for (index, block) in blocks.enumerated() {
            program.append(
                .layerNorm(input: tokens, parameters: block.normBefore, epsilon: epsilon, output: normalized))
            program.append(
                .linear(input: normalized, parameters: block.qkv, activation: nil, residual: nil, output: qkv))
            program.append(
                .attention(qkv: qkv, images: key.images, heads: dimensions.headCount, scale: scale, output: attended))
            program.append(
                .linear(
                    input: attended, parameters: block.attentionOutput, activation: nil, residual: tokens,
                    output: tokens
                ))
            program.append(
                .layerNorm(input: tokens, parameters: block.normAfter, epsilon: epsilon, output: normalized))
            program.append(
                .linear(
                    input: normalized, parameters: block.intermediate, activation: configuration.activation,
                    residual: nil, output: widened))
            program.append(
                .linear(input: widened, parameters: block.output, activation: nil, residual: tokens, output: tokens))
            program.tap(name(index), tokens)
        }
    }
}
