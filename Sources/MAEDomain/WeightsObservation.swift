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

extension SHA256Digest {
    /// The digest over all parameters of a model, from that of each: one line a parameter, in the order of their names as
    /// bytes, of the name, the extents joined by commas, and the digest in hexadecimal.
    ///
    /// The parts of a line are parted by one space and each ends in a line feed.
    public init(ofWeights fingerprints: some Sequence<TensorFingerprint>) {
        var hasher = SHA256Hasher()
        for parameter in fingerprints.sorted(by: { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }) {
            hasher.update(
                "\(parameter.name) \(parameter.shape.map(String.init).joined(separator: ",")) \(parameter.digest)\n")
        }
        self = hasher.finalize()
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
