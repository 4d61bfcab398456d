import MAEDomain
import MAEVerify

/// What few results have, as a document.
struct StoredDetails: StoredDocument, Hashable {
    static let version = 1

    struct Layer: Codable, Hashable {
        var name: String
        var digest: StoredDigest
    }

    /// The digest after each layer, by name, as older versions kept it of re-runs.
    var layers: [Layer] = []
    /// What the node found on looking closely at one layer.
    var examination: StoredExamination?

    /// Nil for an observation with nothing of the kind; values are written to their files.
    init?(_ observation: Observation, tensors: TensorFolder) throws {
        guard let examination = observation.examination else { return nil }
        self.examination = try StoredExamination(examination, tensors: tensors)
    }

    /// What an older version kept.
    init(layers: [Layer]) { self.layers = layers }

    /// The digests after the embeddings and each block; nil where layers have other names.
    var layerDigests: LayerDigests? {
        let states = layers.filter { $0.name != EncoderLayer.finalNorm.name }
        let names = EncoderLayer.all(blocks: states.count - 1).dropLast().map(\.name)
        return states.map(\.name) == names ? LayerDigests(states.map(\.digest.digest)) : nil
    }
}
