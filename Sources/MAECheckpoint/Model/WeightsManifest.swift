import MAETensor
import Synchronization

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

    /// Digests the named tensors, on all cores.
    init(_ names: [String], tensors: [String: CheckpointTensor]) throws(CheckpointError) {
        let sorted = names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        let entries = try Parallel.map(sorted) { name throws(CheckpointError) -> Entry? in
            guard let tensor = try tensors[name]?.tensor() else { return nil }
            return Entry(
                name: name, shape: tensor.shape, sha256: tensor.digest(), nonFiniteCount: tensor.nonFiniteCount)
        }.compactMap { $0 }
        var hasher = SHA256Hasher()
        for entry in entries {
            hasher.update("\(entry.name) \(entry.shape.map(String.init).joined(separator: ",")) \(entry.sha256)\n")
        }
        self.entries = entries
        sha256 = hasher.finalize()
    }

    /// A manifest that is made once.
    final class Cache: Sendable {
        private let made = Mutex<WeightsManifest?>(nil)

        /// The manifest, made by `make` at the first call; later calls wait for it.
        func manifest(
            _ make: () throws(CheckpointError) -> WeightsManifest
        ) throws(CheckpointError) -> WeightsManifest {
            try made.withLock { made throws(CheckpointError) in
                if let made { return made }
                let manifest = try make()
                made = manifest
                return manifest
            }
        }
    }
}

extension Tensor {
    /// Number of elements that are NaN or infinite.
    fileprivate var nonFiniteCount: Int {
        withUnsafeElements { elements in
            var count = 0
            var start = 0
            // Blocks whose count fits 32 bits, so that the inner loop is vectorised.
            while start < elements.count {
                let end = min(start + 1 << 16, elements.count)
                var inBlock: UInt32 = 0
                for index in start..<end {
                    inBlock &+= (elements[index].bitPattern & 0x7F80_0000) == 0x7F80_0000 ? 1 : 0
                }
                count += Int(inBlock)
                start = end
            }
            return count
        }
    }
}
