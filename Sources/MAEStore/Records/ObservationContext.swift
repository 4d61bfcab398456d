import MAEDomain
import MAETensor
import MAEVerify

/// What the results of one node and method have in common: the node, the method, the weights, the configuration.
struct ObservationContext: Equatable {
    let node: NodeIdentity
    let method: LoadingMethod
    /// Number of images.
    let images: Int
    let attempt: Int
    let weights: SHA256Digest
    let otherWeights: [OtherModel]?
    let configuration: [ConfigurationField]
    let maskRatio: MaskRatio
    let loadFindings: [LoadFinding]
    let noise: NoiseSource

    init(_ observation: Observation) {
        (node, method) = (observation.node, observation.method)
        (images, attempt) = (observation.batch.size, observation.attempt)
        (weights, otherWeights) = (observation.weights.digest, observation.weights.others)
        (configuration, maskRatio) = (observation.configuration, observation.maskRatio)
        (loadFindings, noise) = (observation.loadFindings, observation.noise)
    }
}
