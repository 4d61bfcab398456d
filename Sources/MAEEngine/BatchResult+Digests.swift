import MAEDomain

extension BatchResult {
    /// Digests of everything that the batch went through, as every result of a run has them.
    public var digests: StageDigests {
        StageDigests(
            input: input.images.digest(), noise: input.noise.digest(), mask: keptPatchesDigest, order: orderDigest,
            layernorm: output.layernorm.digest(), returned: returnedLayernorm.digest(), pooled: output.pooled.digest())
    }
}
