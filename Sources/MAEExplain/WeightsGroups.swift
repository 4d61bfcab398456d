import MAECheckpoint
import MAEFormats
import MAETensor

/// Which models have equal weights, and how those that have not differ.
public struct WeightsGroups: Sendable {
    /// Models with the same weights, bit for bit.
    public struct Group: Sendable {
        /// Digest of the weights; see ``WeightsFingerprints/sha256``.
        public let digest: SHA256Digest
        /// Indices of the models.
        public let models: [Int]
    }

    /// How the weights of two groups differ.
    public struct Difference: Sendable {
        /// Index of the one group: the first, which is the largest.
        public let left: Int
        /// Index of the other group.
        public let right: Int
        /// Every tensor that differs.
        public let model: ModelDifference
    }

    /// The groups, the largest first; of one size in the order of their first models.
    public let groups: [Group]
    /// Each group but the first against the first.
    public let differences: [Difference]

    /// Parts models whose fingerprints are read.
    ///
    /// - Throws: ``CheckpointError`` for weights that are no floats.
    init(_ models: [GivenModel]) throws(CheckpointError) {
        var order: [SHA256Digest] = []
        var members: [SHA256Digest: [Int]] = [:]
        for (index, model) in models.enumerated() {
            guard let digest = model.fingerprints?.sha256 else { continue }
            if members[digest] == nil { order.append(digest) }
            members[digest, default: []].append(index)
        }
        let parted = order.map { Group(digest: $0, models: members[$0] ?? []) }
        groups = parted.enumerated().sorted {
            ($1.element.models.count, $0.offset) < ($0.element.models.count, $1.offset)
        }.map(\.element)
        var differences: [Difference] = []
        for right in groups.indices.dropFirst() {
            guard let one = groups[0].models.first, let other = groups[right].models.first else { continue }
            differences.append(
                Difference(
                    left: 0, right: right,
                    model: try ModelDifference(models[one].checkpoint, models[other].checkpoint)))
        }
        self.differences = differences
    }
}
