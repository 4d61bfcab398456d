import DequeModule
import MAEDomain
import MAETensor

/// Which outputs each batch of a run has, by their digests, while results come.
///
/// Outputs of different numeric classes may differ by rounding, which digests cannot tell from more: so only those of one class are
/// set against each other here. Batches that agree are forgotten once many others have come after them, so that a long run takes no more
/// room than a short one: a node that is so far behind is judged at the end, from the store.
struct OutputDigests {
    /// More batches that disagree are counted, not told.
    private static let most = 8
    /// More outputs of a batch are left out.
    private static let mostOutputs = 6
    /// More batches are forgotten, the oldest first; some 250 bytes each.
    private let capacity: Int

    private struct Key: Hashable {
        let batch: Int
        let numericClass: String
    }

    private var outputs: [Key: [RunProgress.Output]] = [:]
    /// Batches in the order in which they came.
    private var order: Deque<Key> = []
    private var shown: [Key] = []
    private var disagreeing: Set<Int> = []

    /// Nothing yet.
    init(capacity: Int = 10_000) { self.capacity = capacity }

    /// How many batches have several outputs in one class.
    var disagreeingBatches: Int { disagreeing.count }

    /// Takes in the output of a result.
    mutating func note(_ digest: SHA256Digest, batch: Int, method: String, from node: NodeIdentity) {
        let key = Key(batch: batch, numericClass: node.numericClass)
        guard let place = outputs.index(forKey: key) else {
            outputs[key] = [RunProgress.Output(digest: digest, node: node.name, method: method, count: 1)]
            return remember(key)
        }
        // Counted where it is: a list that was taken out first would be copied.
        if let index = outputs.values[place].firstIndex(where: { $0.digest == digest }) {
            outputs.values[place][index].count += 1
        } else if outputs.values[place].count < Self.mostOutputs {
            outputs.values[place].append(
                RunProgress.Output(digest: digest, node: node.name, method: method, count: 1))
        }
        guard outputs.values[place][0].digest != digest, disagreeing.insert(batch).inserted else { return }
        if shown.count < Self.most { shown.append(key) }
    }

    private mutating func remember(_ key: Key) {
        order.append(key)
        guard order.count > capacity, let oldest = order.popFirst(), !shown.contains(oldest) else { return }
        outputs[oldest] = nil
    }

    /// The first batches that were found to disagree.
    var disagreements: [RunProgress.Disagreement] {
        shown.map { RunProgress.Disagreement(batch: $0.batch, outputs: outputs[$0] ?? []) }
    }
}
