import MAECluster
import MAEDomain
import MAETensor
import MAEVerify
import MAEWire

extension Observation {
    /// What the result of a node says of what it was asked for.
    package init(
        _ completed: Completed, node: NodeIdentity, method: LoadingMethod, batch: BatchIdentity, attempt: Int,
        noise: NoiseSource
    ) {
        self.init(
            node: node, method: method, batch: batch, attempt: attempt,
            weights: completed.weights, configuration: completed.configuration, maskRatio: completed.maskRatio,
            loadFindings: completed.findings, noise: noise, digests: completed.digests,
            pooled: completed.pooled.tensor(), layernorm: completed.layernorm?.tensor(),
            layers: completed.layers, examination: completed.examination, seconds: completed.seconds)
    }
}

extension Completed {
    /// What is wrong with this result of a batch of `images`; nil when it is consistent in itself and what was asked for.
    func fault(images: Int, of work: ShardWork?) -> String? {
        if layernorm != nil, work?.isRerun != true { return "the node sent a layernorm output that was not asked for" }
        if let fault = examination?.fault(work?.examination, tokens: tokens, hidden: hidden) { return fault }
        if pooled.shape.first != images {
            return "the node's pooled vectors have shape \(pooled.shape), for \(images) images"
        }
        // The width would be whatever a node likes, and so would be the memory that its results take.
        guard let width = configuration.first(where: { $0.name == "hidden_size" })?.value else {
            return "the node does not say what hidden_size its model has"
        }
        guard width == String(hidden) else {
            return "the node's tokens are \(hidden) wide, and the model that it names has a hidden_size of \(width)"
        }
        if let fingerprints = weights.fingerprints, SHA256Digest(ofWeights: fingerprints) != weights.digest {
            return "the node's digests of single weights do not make the one of all weights; check its memory"
        }
        if pooled.tensor().digest() != digests.pooled {
            return "the node's pooled vectors are not those that it named by digest; check its memory"
        }
        if let layernorm, layernorm.tensor().digest() != digests.layernorm {
            return "the node's layernorm output is not the one that it named by digest; check its memory"
        }
        return nil
    }
}

extension ExaminationAnswer {
    /// What of this answer was not asked for; nil when it fits the question.
    fileprivate func fault(_ question: Examination?, tokens: Int, hidden: Int) -> String? {
        guard let question, question.layer == layer else {
            return "the node looked at a layer that it was not asked about"
        }
        let isMore =
            states != nil && !question.wantsStates
            || output.map { !Set($0.images).isSubset(of: question.images) } ?? false
            || !restarted.isEmpty && question.states == nil || !repetitions.isEmpty && question.repetitions == 0
        if let states, states.shape.dropFirst() != [tokens, hidden] {
            return "the node sent tokens of shape \(states.shape) for \(tokens) tokens of \(hidden)"
        }
        return isMore ? "the node sent values of a layer that were not asked for" : nil
    }
}
