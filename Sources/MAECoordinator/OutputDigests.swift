import MAEDomain
import MAETensor

/// Which outputs each batch of a run has, by their digests, while results come.
///
/// Outputs of different numeric classes may differ by rounding, which digests cannot tell from more: so only those of one class are
/// set against each other here.
struct OutputDigests {
    /// More batches that disagree are counted, not told.
    private static let most = 8
    /// More outputs of a batch are left out.
    private static let mostOutputs = 6

    private struct Key: Hashable {
        let batch: Int
        let numericClass: String
    }

    private var outputs: [Key: [RunProgress.Output]] = [:]
    private var shown: [Key] = []
    private var disagreeing: Set<Int> = []

    /// How many batches have several outputs in one class.
    var disagreeingBatches: Int { disagreeing.count }

    /// Takes in the output of a result.
    mutating func note(_ digest: SHA256Digest, batch: Int, method: String, from node: NodeIdentity) {
        let key = Key(batch: batch, numericClass: node.numericClass)
        let known = outputs[key] ?? []
        if let index = known.firstIndex(where: { $0.digest == digest }) {
            outputs[key]?[index].count += 1
        } else if known.count < Self.mostOutputs {
            outputs[key, default: []].append(
                RunProgress.Output(digest: digest, node: node.name, method: method, count: 1))
        }
        guard !known.isEmpty, known[0].digest != digest, disagreeing.insert(batch).inserted else { return }
        if shown.count < Self.most { shown.append(key) }
    }

    /// The first batches that were found to disagree.
    var disagreements: [RunProgress.Disagreement] {
        shown.map { RunProgress.Disagreement(batch: $0.batch, outputs: outputs[$0] ?? []) }
    }
}
