import MAECheckpoint

/// Floating-point operations of an encoder's matrix products, a multiply-add counting two.
struct EncoderWork {
    /// The number of operations.
    let operations: Double

    /// Counts one forward pass over `images` images of `kept` patches.
    init(_ configuration: ViTMAEConfiguration, images: Int, kept: Int) {
        let hidden = Double(configuration.encoder.hiddenSize)
        let mlp = Double(configuration.encoder.intermediateSize)
        let tokens = Double(kept + 1)
        let projection = Double(kept * configuration.patchValueCount) * hidden
        let linears = tokens * hidden * (4 * hidden + 2 * mlp)
        let attention = 2 * tokens * tokens * hidden
        let layers = Double(configuration.encoder.layerCount)
        operations = 2 * Double(images) * (projection + layers * (linears + attention))
    }
}
