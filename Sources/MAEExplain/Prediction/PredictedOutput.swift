import MAEModel
import MAETensor

/// What a model puts out for a batch, as this engine computes it.
struct PredictedOutput {
    /// The patches that were kept.
    let selection: PatchSelection
    /// Layer norm, (B, 1 + K, H), tokens by ascending patch.
    let layernorm: Tensor
    /// Its mean over the tokens, (B, H).
    let pooled: Tensor

    /// Memory that it takes, but for the few bytes of its selection.
    var byteCount: Int { (layernorm.count + pooled.count) * MemoryLayout<Float>.stride }
}
