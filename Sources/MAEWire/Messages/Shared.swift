import MAETensor

/// A digest with the name of what it was taken of.
public struct NamedDigest: Sendable, Hashable {
    /// What the digest was taken of.
    public var name: String
    /// The digest.
    public var digest: SHA256Digest

    /// Names a digest.
    public init(name: String, digest: SHA256Digest) {
        self.name = name
        self.digest = digest
    }
}

/// The tensors that travel.
public enum TensorName: UInt32, Sendable, CaseIterable {
    /// Mean over the tokens, (batch, hidden).
    case pooled = 1
    /// Output of the last layernorm with the tokens in canonical order, (batch, tokens, hidden).
    case layernorm = 2
    /// The noise that the mask is made of, (batch, patches).
    case noise = 4
    /// What one operation gave, (images, rows, columns).
    case values = 8
    /// The tokens of one image after layers, (states, tokens, hidden).
    case states = 16
}
