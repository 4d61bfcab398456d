import MAEDomain
import MAEFormats
import MAETensor

/// The content of a model's weights by digest: two models compute alike exactly when their fingerprints are equal.
public struct WeightsFingerprints: Sendable {
    /// One parameter.
    public struct Entry: Sendable, Hashable {
        /// Canonical name.
        public let name: String
        /// Extent of each dimension.
        public let shape: [Int]
        /// SHA-256 of the little-endian fp32 elements, as `Tensor.digest()`.
        public let sha256: SHA256Digest
        /// Number of elements that are NaN or infinite.
        public let nonFiniteCount: Int
        /// Whether there are elements, and every one is zero.
        public let isZero: Bool

        init(name: String, shape: [Int], sha256: SHA256Digest, nonFiniteCount: Int, isZero: Bool) {
            self.name = name
            self.shape = shape
            self.sha256 = sha256
            self.nonFiniteCount = nonFiniteCount
            self.isZero = isZero
        }
    }

    /// The parameters, sorted by name.
    public let entries: [Entry]

    /// Over all parameters: ``MAEDomain/SHA256Digest/init(ofWeights:)``.
    public let sha256: SHA256Digest

    /// The fingerprints of the given parameters.
    init(_ entries: some Collection<Entry>) {
        self.entries = entries.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
        sha256 = SHA256Digest(
            ofWeights: self.entries.map { TensorFingerprint(name: $0.name, shape: $0.shape, digest: $0.sha256) })
    }
}

extension WeightsFingerprints.Entry {
    /// Reads all of `tensor`.
    init(_ name: String, _ tensor: Tensor) {
        var hasher = SHA256Hasher()
        let nonFiniteCount = tensor.update(&hasher)
        self.init(
            name: name, shape: tensor.shape, sha256: hasher.finalize(), nonFiniteCount: nonFiniteCount,
            // The first element that is no zero ends the search: only a tensor of zeros is gone through again.
            isZero: tensor.count > 0 && tensor.withUnsafeElements { $0.allSatisfy { $0 == 0 } })
    }
}
