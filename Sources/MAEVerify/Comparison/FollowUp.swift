import MAEDomain
import MAETensor

/// What to run again when results disagree, with digests after each layer and the whole layernorm output.
public enum FollowUp {
    /// Two cells of each batch whose outputs differ although weights, input and mask are the same: the first of the largest
    /// group that agrees, and the first of each group that differs from it.
    ///
    /// Where the weights, the pixels or the mask differ already, no layer is to blame, and nothing is run again.
    public static func cells(of observations: [Observation]) -> [Cell] {
        let firsts = observations.filter { $0.attempt == 0 }.sorted { $0.cell < $1.cell }
        var cells: [Cell] = []
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
            cells += groups.map { $0[0].cell }
        }
        return cells
    }

    /// What an encoder's output depends on.
    private struct Given: Hashable {
        let batch: Int
        let weights: SHA256Digest
        let input: SHA256Digest
        let mask: SHA256Digest
    }
}
