/// The element-wise functions a ViT-MAE block may apply between its two MLP layers.
///
/// Each is defined, as a sequence of fp32 operations, by ``CanonicalMath``.
public enum Activation: String, Sendable, Hashable, CaseIterable {
    /// `x · Φ(x)`, Φ being the normal distribution: PyTorch's `gelu`, the erf form.
    case gelu
    /// `x · sigmoid(2·√(2/π)·(x + 0.044715·x³))`: PyTorch's `gelu` with `approximate="tanh"`.
    case geluTanh
    /// `x · sigmoid(1.702·x)`: the GELU of the original CLIP.
    case quickGELU
    /// `max(x, 0)`.
    case relu
    /// `x · sigmoid(x)`.
    case silu
    /// `λ·x` above zero, `λ·α·(eˣ − 1)` below it (Klambauer et al. 2017).
    case selu
}
