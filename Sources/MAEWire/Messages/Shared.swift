import MAETensor

/// The right to compute one shard, given to one worker; the epoch grows each time the shard is given out again.
public struct LeaseReference: Sendable, Hashable {
    /// The lease.
    public var id: UInt64
    /// Which giving-out of the shard this is.
    public var epoch: UInt64

    /// Names a lease.
    public init(id: UInt64, epoch: UInt64) {
        self.id = id
        self.epoch = epoch
    }
}

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
    /// The same in the order that PyTorch returns.
    case returnedLayernorm = 3
    /// The noise that the mask is made of, (batch, patches).
    case noise = 4
}
