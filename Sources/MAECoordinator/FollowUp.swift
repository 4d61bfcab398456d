import MAEStore
import MAETensor
import MAEVerify

/// Something to run again and look at more closely: with digests after each layer, and the whole layernorm output.
public struct Question: Sendable, Hashable {
    /// What to run again, and where.
    public let cell: Cell

    /// Asks about a cell.
    public init(_ cell: Cell) { self.cell = cell }
}

/// What to ask when results disagree.
public enum FollowUp {
    /// Questions about two cells of each batch whose outputs differ although weights, input and mask are the same: the
    /// first of the largest group that agrees, and the first that differs from it.
    ///
    /// Where the weights, the pixels or the mask differ already, no layer is to blame, and nothing is asked.
    public static func questions(about results: [ResultRecord]) -> [Question] {
        let firsts = results.map(\.observation).filter { $0.attempt == 0 }.sorted { $0.cell < $1.cell }
        var questions: [Question] = []
        let byInput = Dictionary(grouping: firsts) { observation in
            Given(
                batch: observation.batch.index, weights: observation.weights.digest, input: observation.digests.input,
                mask: observation.digests.mask)
        }
        for (_, observations) in byInput.sorted(by: { $0.key.batch < $1.key.batch }) {
            let groups = Dictionary(grouping: observations) { $0.digests.layernorm }.values.sorted {
                ($1.count, $0[0].cell) < ($0.count, $1[0].cell)
            }
            guard groups.count > 1 else { continue }
            questions.append(Question(groups[0][0].cell))
            for group in groups.dropFirst() { questions.append(Question(group[0].cell)) }
        }
        return questions
    }

    /// What an encoder's output depends on.
    private struct Given: Hashable {
        let batch: Int
        let weights: SHA256Digest
        let input: SHA256Digest
        let mask: SHA256Digest
    }
}
