import MAECheckpoint

extension ModelProduct {
    /// Every product of a model's forward pass, encoder and decoder, by its first occurrence.
    ///
    /// - Parameters:
    ///   - images: images in the batch.
    ///   - maskRatio: share of patches the encoder does not see.
    static func all(of preset: ViTMAEConfiguration.Preset, images: Int, maskRatio: Double) -> [ModelProduct] {
        let configuration = ViTMAEConfiguration(preset: preset)
        let encoder = configuration.encoder
        let decoder = configuration.decoder
        let kept = configuration.keptCount(maskRatio: maskRatio)
        let tokens = configuration.patchCount + 1
        let values = configuration.patchValueCount
        return
            [linear("\(preset) patches", images * kept, values, encoder.hiddenSize)]
            + block("\(preset)", encoder, images: images, tokens: kept + 1)
            + [linear("\(preset) decoder embed", images * (kept + 1), encoder.hiddenSize, decoder.hiddenSize)]
            + block("\(preset) decoder", decoder, images: images, tokens: tokens)
            + [linear("\(preset) decoder prediction", images * tokens, decoder.hiddenSize, values)]
    }

    /// The products of one transformer block.
    private static func block(
        _ name: String, _ dimensions: TransformerDimensions, images: Int, tokens: Int
    ) -> [ModelProduct] {
        let (rows, hidden, wide) = (images * tokens, dimensions.hiddenSize, dimensions.intermediateSize)
        return [
            linear("\(name) qkv", rows, hidden, 3 * hidden),
            attention("\(name) attention", images: images, tokens: tokens, heads: dimensions.headCount, width: hidden),
            linear("\(name) attention output", rows, hidden, hidden, residual: true),
            linear("\(name) mlp in", rows, hidden, wide, .gelu),
            linear("\(name) mlp out", rows, wide, hidden, residual: true),
        ]
    }
}
