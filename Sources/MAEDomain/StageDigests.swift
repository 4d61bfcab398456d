import MAETensor

/// Digests along the way from the pixels to the pooled vectors.
public struct StageDigests: Sendable, Hashable {
    /// The pixels, shape (B, C, H, W).
    public var input: SHA256Digest
    /// The noise, shape (B, patches).
    public var noise: SHA256Digest
    /// The set of kept patches of each image, whatever their order.
    public var mask: SHA256Digest
    /// `ids_restore`: the order that the noise put the patches in.
    public var order: SHA256Digest
    /// The encoder's layernorm output in canonical order: CLS, then kept patches ascending.
    public var layernorm: SHA256Digest
    /// The same output in the shuffled order that PyTorch returns.
    public var returned: SHA256Digest
    /// The mean over the tokens of the layernorm output.
    public var pooled: SHA256Digest

    /// Collects the digests.
    public init(
        input: SHA256Digest, noise: SHA256Digest, mask: SHA256Digest, order: SHA256Digest, layernorm: SHA256Digest,
        returned: SHA256Digest, pooled: SHA256Digest
    ) {
        self.input = input
        self.noise = noise
        self.mask = mask
        self.order = order
        self.layernorm = layernorm
        self.returned = returned
        self.pooled = pooled
    }
}

/// How long the parts of one observation took, in seconds.
public struct StageSeconds: Sendable, Hashable {
    /// Reading the checkpoint.
    public var load: Double
    /// Generating the batch.
    public var input: Double
    /// Running the encoder.
    public var forward: Double

    /// Collects the times.
    public init(load: Double = 0, input: Double = 0, forward: Double = 0) {
        self.load = load
        self.input = input
        self.forward = forward
    }
}
