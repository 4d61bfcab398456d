import MAEDomain
import MAETensor
import MAEText

/// The first layer after which a witness's tokens lie further from an engine's than the tolerance allows.
///
/// Digests say nothing across classes: every layer has other bits. So both sides are asked for the tokens of one image after each layer,
/// once a result is beyond the tolerance and the witness reports nothing that explains it.
struct LayerParting: Sendable, Equatable {
    /// The results.
    let witness: Cell, engine: Cell
    /// The image of the batch.
    let image: Int
    /// The layer; nil where tokens are within the tolerance after every layer that was sent.
    let layer: EncoderLayer?
    /// Largest difference after the layer before, and after it, or after the last one that was sent.
    let before: Double?, after: Double

    /// Most witnesses that are asked.
    private static let limit = 4

    /// A result of a witness that is beyond the tolerance, an engine's of the same work, and the image where they differ most.
    private struct Dispute {
        let witness: Cell, engine: Cell
        let image: Int
    }

    /// What to ask nodes for.
    static func questions(_ observations: [Observation], _ tolerance: Tolerance) -> [FollowUp.Question] {
        disputes(in: observations, tolerance).flatMap { dispute in
            var examination = Examination(layer: .embeddings)
            (examination.images, examination.wantsStates) = ([dispute.image], true)
            return [dispute.engine, dispute.witness].map { FollowUp.Question(cell: $0, examination: examination) }
        }
    }

    /// What the answers say; nothing of a witness that sent no tokens.
    static func all(in observations: [Observation], _ answers: Answers, _ tolerance: Tolerance) -> [LayerParting] {
        disputes(in: observations, tolerance).compactMap { dispute in
            guard let mine = answers[dispute.witness, .embeddings]?.states(ofImage: nil),
                let theirs = answers[dispute.engine, .embeddings]?.states(ofImage: nil), mine.shape == theirs.shape,
                mine.shape.count == 3
            else { return nil }
            return LayerParting(dispute, mine, theirs, tolerance)
        }
    }

    private init?(_ dispute: Dispute, _ mine: Tensor, _ theirs: Tensor, _ tolerance: Tolerance) {
        (witness, engine, image) = (dispute.witness, dispute.engine, dispute.image)
        let layers = EncoderLayer.all(blocks: mine.shape[0] - 1).dropLast()
        var before: Double?
        for (index, layer) in layers.enumerated() {
            let rows = index..<index + 1
            guard
                let metrics = DifferenceMetrics(
                    of: .layernorm, theirs.rows(rows), mine.rows(rows), rtol: tolerance.rtol)
            else { return nil }
            if !metrics.passes(tolerance) {
                (self.layer, self.before, after) = (layer, before, metrics.maximum)
                return
            }
            before = metrics.maximum
        }
        guard let before else { return nil }
        (layer, self.before, after) = (nil, nil, before)
    }

    /// One dispute for each witness: the first in the order of cells.
    private static func disputes(in observations: [Observation], _ tolerance: Tolerance) -> [Dispute] {
        let firsts = observations.filter { $0.attempt == 0 }
        guard firsts.contains(where: \.node.isWitness) else { return [] }
        let engines = Dictionary(grouping: firsts.filter { !$0.node.isWitness }) {
            Work(batch: $0.batch.index, method: $0.method.label)
        }
        var disputes: [Dispute] = []
        for mine in firsts.filter(\.node.isWitness).sorted(by: { $0.cell < $1.cell }) where disputes.count < limit {
            guard !disputes.contains(where: { $0.witness.node == mine.node.name }), !isExplained(mine),
                let theirs = engines[Work(batch: mine.batch.index, method: mine.method.label)]?.min(by: {
                    $0.cell < $1.cell
                }), theirs.digests.input == mine.digests.input, theirs.digests.mask == mine.digests.mask,
                let metrics = DifferenceMetrics(of: .pooled, theirs.pooled, mine.pooled, rtol: tolerance.rtol),
                !metrics.passes(tolerance), let image = metrics.place?.first
            else { continue }
            disputes.append(Dispute(witness: mine.cell, engine: theirs.cell, image: image))
        }
        return disputes
    }

    private struct Work: Hashable {
        let batch: Int
        let method: String
    }

    /// Whether the witness itself says why its outputs are others: in which precision they were computed is no certain reason.
    private static func isExplained(_ observation: Observation) -> Bool {
        observation.loadFindings.contains { finding in
            guard finding.severity > .note, let cause = WitnessCause.named(finding.code, of: observation.method.kind)
            else { return false }
            return cause.bound == nil && cause.stages.has(.layernorm)
        }
    }

    /// What was found, as a sentence.
    var sentence: String {
        let place = "image \(image), \(witness) and \(engine)"
        guard let layer else {
            return "After every layer of the encoder the tokens of both sides are within the tolerance, to "
                + "\(NumberText.short(after)) (\(place)): what follows is at fault."
        }
        let before = before.map { " up to \(NumberText.short($0)) apart before it, and" } ?? ""
        return "The first layer beyond the tolerance is `\(layer.name)`: tokens lie\(before) up to "
            + "\(NumberText.short(after)) apart after it (\(place))."
    }
}

extension DiagnosisContext {
    /// At which layer witnesses part from an engine in some of these cells, as sentences.
    func layerEvidence(on cells: [Cell]) -> [String] {
        comparison.partings.filter { cells.contains($0.witness) }.map(\.sentence)
    }
}
