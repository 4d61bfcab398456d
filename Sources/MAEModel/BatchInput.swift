import MAECheckpoint
import MAETensor
import TorchRandom

/// What a forward pass is fed: pixels, and the noise that decides which patches are kept.
public struct BatchInput: Sendable {
    /// (B, C, height, width).
    public let images: Tensor
    /// (B, N).
    public let noise: Tensor

    /// Pairs images with noise.
    public init(images: Tensor, noise: Tensor) {
        self.images = images
        self.noise = noise
    }

    /// The batch that two lines of Python give: `torch.manual_seed(seed); x = torch.randn(B, C, height, width)`.
    ///
    /// The noise is what `torch.rand(B, N)` then gives on its call number `noiseDraw`, counted from 0: a first forward pass
    /// of ViT-MAE in PyTorch draws number 0, a second one after it number 1.
    public static func seeded(
        _ seed: UInt64, images: Int, noiseDraw: Int = 0, for configuration: ViTMAEConfiguration
    ) -> BatchInput {
        let geometry = configuration.patchGeometry
        var generator = TorchGenerator(seed: seed)
        let pixels = generator.randn([images, geometry.channels, geometry.imageHeight, geometry.imageWidth])
        generator.skipUniform(count: noiseDraw * images * geometry.patchCount)
        return BatchInput(images: pixels, noise: generator.rand([images, geometry.patchCount]))
    }
}
