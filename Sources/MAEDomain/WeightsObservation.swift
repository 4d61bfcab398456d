import MAETensor

/// The parameters a node loaded, by digest.
public struct WeightsObservation: Sendable, Hashable {
    /// Digest over all parameters: equal digests mean equal parameters.
    public var digest: SHA256Digest
    /// Every parameter by name; nil when only the digest was sent.
    public var fingerprints: [TensorFingerprint]?
    /// The other models in the file that they were loaded from; nil when there is none.
    public var others: [OtherModel]?

    /// Describes loaded parameters.
    public init(digest: SHA256Digest, fingerprints: [TensorFingerprint]? = nil, others: [OtherModel]? = nil) {
        self.digest = digest
        self.fingerprints = fingerprints
        self.others = others
    }
}

/// A model in the file of a checkpoint that was not loaded.
public struct OtherModel: Sendable, Hashable {
    /// The way to it in the file, such as `ema`.
    public var key: String
    /// Digest over all its parameters.
    public var digest: SHA256Digest

    /// Describes a model that was not loaded.
    public init(key: String, digest: SHA256Digest) {
        self.key = key
        self.digest = digest
    }
}

/// Name, shape and content of one parameter.
public struct TensorFingerprint: Sendable, Hashable {
    /// Canonical name of the parameter.
    public var name: String
    /// Extent of each dimension.
    public var shape: [Int]
    /// Digest of the elements.
    public var digest: SHA256Digest

    /// Describes one parameter.
    public init(name: String, shape: [Int], digest: SHA256Digest) {
        self.name = name
        self.shape = shape
        self.digest = digest
    }
}
