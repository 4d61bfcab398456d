import MAECheckpoint

/// Floating-point operations of a forward pass's matrix products, a multiply-add counting two.
struct ModelWork {
    /// Operations of the encoder.
    let encoder: Double
    /// Operations of the decoder.
    let decoder: Double

    /// Counts one forward pass over `images` images of `kept` patches.
    init(_ configuration: ViTMAEConfiguration, images: Int, kept: Int) {
        let hidden = Double(configuration.encoder.hiddenSize)
        let narrow = Double(configuration.decoder.hiddenSize)
        let values = Double(configuration.patchValueCount)
        let tokens = Double(kept + 1)
        let allTokens = Double(configuration.patchCount + 1)
        let scale = 2 * Double(images)
        encoder = scale * (Double(kept) * values * hidden + Self.blocks(configuration.encoder, tokens))
        decoder =
            scale
            * (tokens * hidden * narrow + Self.blocks(configuration.decoder, allTokens) + allTokens * narrow * values)
    }

    /// Multiply-adds of all transformer blocks for one image.
    private static func blocks(_ dimensions: TransformerDimensions, _ tokens: Double) -> Double {
        let hidden = Double(dimensions.hiddenSize)
        let linears = tokens * hidden * (4 * hidden + 2 * Double(dimensions.intermediateSize))
        return Double(dimensions.layerCount) * (linears + 2 * tokens * tokens * hidden)
    }
}
