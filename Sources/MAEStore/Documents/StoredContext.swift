import MAEDomain
import MAETensor
import MAEVerify

/// What the results of one node and method have in common, as a document: the node, the method, the weights, the configuration.
struct StoredContext: StoredDocument, Hashable {
    static let version = 1

    struct Field: Codable, Hashable {
        var name, value: String
        var origin: StoredWord<ConfigurationOrigin>
        var reason: String?
    }

    struct LoadNote: Codable, Hashable {
        var code: String
        var severity: StoredWord<Severity>
        var text: String
    }

    struct OtherWeights: Codable, Hashable {
        var key: String
        var digest: StoredDigest
    }

    var node: StoredNode
    var method: StoredMethod
    var images: Int
    var attempt: Int
    var weights: StoredDigest
    var otherWeights: [OtherWeights]?
    var configuration: [Field]
    var maskRatio: Double
    var maskRatioOrigin: StoredWord<ConfigurationOrigin>
    var loadNotes: [LoadNote]
    var noise: StoredWord<NoiseSource.Policy>
    var draw: Int

    init(_ observation: Observation) {
        (node, method) = (StoredNode(observation.node), StoredMethod(observation.method))
        (images, attempt) = (observation.batch.size, observation.attempt)
        weights = StoredDigest(observation.weights.digest)
        otherWeights = observation.weights.others?.map { OtherWeights(key: $0.key, digest: StoredDigest($0.digest)) }
        configuration = observation.configuration.map {
            Field(name: $0.name, value: $0.value, origin: StoredWord($0.origin), reason: $0.reason)
        }
        maskRatio = observation.maskRatio.value
        maskRatioOrigin = StoredWord(observation.maskRatio.origin)
        loadNotes = observation.loadFindings.map {
            LoadNote(code: $0.code, severity: StoredWord($0.severity), text: $0.text)
        }
        (noise, draw) = (StoredWord(observation.noise.policy), observation.noise.draw)
    }

    /// An observation of this context, with blanks for what each result has of its own.
    var observation: Observation {
        Observation(
            node: node.identity, method: method.method, batch: BatchIdentity(index: 0, seed: 0, size: images),
            attempt: attempt,
            weights: WeightsObservation(
                digest: weights.digest,
                others: otherWeights?.map { OtherModel(key: $0.key, digest: $0.digest.digest) }),
            configuration: configuration.map {
                ConfigurationField(name: $0.name, value: $0.value, origin: $0.origin.value, reason: $0.reason)
            },
            maskRatio: MaskRatio(maskRatio, from: maskRatioOrigin.value),
            loadFindings: loadNotes.map { LoadFinding(code: $0.code, severity: $0.severity.value, text: $0.text) },
            noise: NoiseSource(policy: noise.value, draw: draw), digests: Self.noDigests,
            pooled: Tensor(shape: [0], elements: []))
    }

    private static let noDigests: StageDigests = {
        let none = SHA256Digest(of: [])
        return StageDigests(
            input: none, noise: none, mask: none, order: none, layernorm: none, returned: none, pooled: none)
    }()
}
