import MAECluster
import MAEDomain
import MAETensor
import MAEVerify
import MAEWire

extension NodeIdentity {
    /// A node as it introduced itself.
    init(_ hello: Hello) {
        self.init(
            name: hello.name, host: hello.host, backend: hello.backend, device: hello.device, isa: hello.isa,
            threads: hello.threads, numericClass: hello.numericClass,
            classReason: hello.classReason.isEmpty ? nil : hello.classReason, engineBuild: hello.build)
    }
}

extension Observation {
    /// What a node's result says about its shard.
    init(_ completed: Completed, node: NodeIdentity, entry: ShardCatalogue.Entry, in catalogue: ShardCatalogue) {
        self.init(
            node: node, method: entry.method, batch: catalogue.batch(of: entry), attempt: entry.attempt,
            weights: completed.weights, configuration: completed.configuration, maskRatio: completed.maskRatio,
            loadFindings: completed.findings, noise: catalogue.noise(of: entry), digests: completed.digests,
            pooled: completed.pooled.tensor(), layernorm: completed.layernorm?.tensor(),
            layers: completed.layers.isEmpty ? nil : completed.layers, seconds: completed.seconds)
    }
}

extension Completed {
    /// What is wrong with this result of a batch of `images`; nil when it is consistent in itself and what was asked for.
    func fault(images: Int, wantsLayernorm: Bool) -> String? {
        if layernorm != nil, !wantsLayernorm { return "the node sent a layernorm output that nobody asked for" }
        if pooled.shape.first != images {
            return "the node's pooled vectors have shape \(pooled.shape), for \(images) images"
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

extension LoadingMethod.Kind {
    /// The kind as it travels.
    var wire: MAEWire.Job.Method {
        switch self {
        case .pretrained: .pretrained
        case .full: .full
        case .stateDict: .stateDict
        }
    }
}
