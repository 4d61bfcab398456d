import MAEDomain
import MAEVerify

/// What few results have, as a document.
struct StoredDetails: StoredDocument, Hashable {
    static let version = 1

    struct Layer: Codable, Hashable {
        var name: String
        var digest: StoredDigest
    }

    var layers: [Layer]

    /// Nil for an observation with nothing of the kind.
    init?(_ observation: Observation) {
        guard let layers = observation.layers else { return nil }
        self.layers = layers.map { Layer(name: $0.name, digest: StoredDigest($0.digest)) }
    }

    /// The digests of the layers as they were.
    var layerDigests: [LayerDigest] { layers.map { LayerDigest(name: $0.name, digest: $0.digest.digest) } }
}
