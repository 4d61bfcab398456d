import MAEFormats
import MAETensor

/// The content of a model's weights by digest: two models compute alike exactly when their manifests are equal.
public struct WeightsManifest: Sendable {
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
    }

    /// The parameters, sorted by name.
    public let entries: [Entry]

    /// SHA-256 over one line a parameter, sorted by name: name, extents joined by commas, digest in hexadecimal.
    ///
    /// The parts of a line are parted by one space and each ends in a line feed.
    public let sha256: SHA256Digest

    /// Weights that are NaN or infinite, as findings at `path`.
    public func findings(at path: String) -> [CheckpointFinding] {
        let bad = entries.filter { $0.nonFiniteCount > 0 }
        guard !bad.isEmpty else { return [] }
        return [
            CheckpointFinding(
                .nonFiniteWeights, .warning, at: CheckpointLocation(path: path),
                "\(bad.reduce(0) { $0 + $1.nonFiniteCount }) weights are NaN or infinite, in "
                    + ParameterBinding.list(bad.map { "\($0.name) (\($0.nonFiniteCount))" }) + ".")
        ]
    }

    /// The manifest of the given parameters.
    init(_ entries: some Collection<Entry>) {
        self.entries = entries.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
        var hasher = SHA256Hasher()
        for entry in self.entries {
            hasher.update("\(entry.name) \(entry.shape.map(String.init).joined(separator: ",")) \(entry.sha256)\n")
        }
        sha256 = hasher.finalize()
    }
}

extension WeightsManifest.Entry {
    /// Reads all of `tensor`.
    init(_ name: String, _ tensor: Tensor) {
        var hasher = SHA256Hasher()
        nonFiniteCount = tensor.update(&hasher)
        sha256 = hasher.finalize()
        shape = tensor.shape
        self.name = name
    }
}
