extension ViTMAEConfiguration {
    /// Sizes of models that have a name.
    public enum Preset: String, Sendable, CaseIterable {
        /// 98,176 parameters, images of 32 pixels, 16 patches: loads and runs in an instant, for trials and tests.
        case tiny
        /// ViT-Base, as `facebook/vit-mae-base`: 111.9 million parameters.
        case base
        /// ViT-Large, as `facebook/vit-mae-large`: 329.5 million parameters.
        case large
        /// ViT-Huge with patches of 14, as `facebook/vit-mae-huge`: 657.1 million parameters.
        case huge
    }

    /// The configuration of a named size.
    public init(preset: Preset) {
        self.init()
        switch preset {
        case .tiny:
            encoder = TransformerDimensions(hiddenSize: 64, layerCount: 2, headCount: 4, intermediateSize: 128)
            decoder = TransformerDimensions(hiddenSize: 32, layerCount: 1, headCount: 2, intermediateSize: 64)
            imageSize = ImageExtent(square: 32)
            patchSize = ImageExtent(square: 8)
        case .base:
            break
        case .large:
            encoder = TransformerDimensions(hiddenSize: 1024, layerCount: 24, headCount: 16, intermediateSize: 4096)
        case .huge:
            encoder = TransformerDimensions(hiddenSize: 1280, layerCount: 32, headCount: 16, intermediateSize: 5120)
            patchSize = ImageExtent(square: 14)
        }
    }
}
