import MAEDomain
import MAEModel
import MAETensor

/// What one batch gave, and what it was computed from.
public struct BatchResult: Sendable {
    /// The pixels and noise of the batch.
    public let input: BatchInput
    /// The patches kept.
    public let selection: PatchSelection
    /// Fraction of patches removed.
    public let maskRatio: Double
    /// Where ``maskRatio`` came from, in words.
    public let maskRatioOrigin: String
    /// Layer norm, its mean over tokens, and logits; tokens by ascending patch.
    public let output: ViTMAEModel.Output
    /// Reconstruction loss, where the decoder ran.
    public let loss: Float?
    /// Digests after the embeddings and each block, where they were asked for.
    public let layerDigests: LayerDigests?
    /// Seconds spent on making the input and on the forward pass.
    public let seconds: (input: Double, forward: Double)

    /// The layer norm with tokens in the order PyTorch returns them.
    public var returnedLayernorm: Tensor { selection.inNoiseOrder(output.layernorm) }

    /// Names the set of kept patches of every image, whatever their order.
    public var keptPatchesDigest: SHA256Digest { selection.keptPatchesDigest }

    /// Names the order of the noise: PyTorch's `ids_restore`.
    public var orderDigest: SHA256Digest { selection.orderDigest }
}
