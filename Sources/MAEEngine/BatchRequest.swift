import MAECheckpoint
import MAECompute
import MAEModel
import MAETensor

/// One batch to compute.
public struct BatchRequest: Sendable {
    /// Where the noise that decides on the kept patches comes from.
    public enum Noise: Sendable {
        /// `torch.rand`'s call number `index` after the pixels were drawn, counted from 0.
        case drawn(index: Int)
        /// Values given from outside, (B, N).
        case given(Tensor)
    }

    /// Where the pixels come from.
    public enum Pixels: Sendable {
        /// `torch.manual_seed(seed); torch.randn(images, C, height, width)`.
        case seeded(images: Int)
        /// Values given from outside, (B, C, height, width).
        case given(Tensor)

        /// Throws ``ComputeError`` with code `invalidInput` when given pixels of `shape` are not what a model takes.
        package static func requireFit(_ shape: [Int], _ configuration: ViTMAEConfiguration) throws(ComputeError) {
            let geometry = configuration.patchGeometry
            let imageShape = [geometry.channels, geometry.imageHeight, geometry.imageWidth]
            guard shape.count == 4, Array(shape.dropFirst()) == imageShape else {
                throw ComputeError(
                    .invalidInput, "pixels of shape \(shape) were given; the model takes (B, \(imageShape))")
            }
        }
    }

    /// Seed of PyTorch's generator, for pixels and noise.
    public var seed: UInt64
    /// Where the pixels come from.
    public var pixels: Pixels
    /// Where the noise comes from.
    public var noise: Noise
    /// Fraction of patches to remove; nil takes what the checkpoint says.
    public var maskRatio: Double?
    /// Order in which kept patches are computed; anything but ascending gives up that equal patches give equal bits.
    public var tokenOrder = PatchSelection.TokenOrder.ascending
    /// Whether to run the decoder too.
    public var decodes: Bool
    /// Whether to take the digest after each layer, for finding the first that differs.
    public var recordsLayerDigests: Bool

    /// A seeded batch with the first noise drawn after it.
    public init(
        seed: UInt64, pixels: Pixels, noise: Noise = .drawn(index: 0), maskRatio: Double? = nil, decodes: Bool = false,
        recordsLayerDigests: Bool = false
    ) {
        self.seed = seed
        self.pixels = pixels
        self.noise = noise
        self.maskRatio = maskRatio
        self.decodes = decodes
        self.recordsLayerDigests = recordsLayerDigests
    }
}

extension BatchRequest {
    /// The pixels and the noise of so many images, drawn where they are not given; those that are given are not checked.
    package func input(images: Int, for configuration: ViTMAEConfiguration) -> BatchInput {
        var draw = 0
        if case .drawn(let index) = noise { draw = index }
        var input = BatchInput.seeded(seed, images: images, noiseDraw: draw, for: configuration)
        if case .given(let pixels) = pixels { input = BatchInput(images: pixels, noise: input.noise) }
        if case .given(let noise) = noise { input = BatchInput(images: input.images, noise: noise) }
        return input
    }
}
