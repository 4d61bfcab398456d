import MAEDomain
import MAECluster
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
        let manifest = completed.manifest.map {
            TensorFingerprint(name: $0.name, shape: $0.shape, digest: $0.digest)
        }
        let digests = completed.digests
        self.init(
            node: node, method: entry.method, batch: catalogue.batch(of: entry), attempt: entry.attempt,
            weights: WeightsObservation(
                digest: digests.weights, manifest: manifest.isEmpty ? nil : manifest,
                others: completed.others.isEmpty
                    ? nil : completed.others.map { OtherModel(key: $0.name, digest: $0.digest) }),
            configuration: completed.configuration.map {
                ConfigurationField(
                    name: $0.name, value: $0.value, origin: ConfigurationOrigin($0.origin), reason: $0.reason)
            },
            maskRatio: MaskRatio(completed.maskRatio, from: ConfigurationOrigin(completed.maskRatioOrigin)),
            loadFindings: completed.findings.map {
                LoadFinding(code: $0.code, severity: Severity($0.severity), text: $0.text)
            },
            noise: catalogue.noise(of: entry),
            digests: StageDigests(
                input: digests.input, noise: digests.noise, mask: digests.mask, order: digests.order,
                layernorm: digests.layernorm, returned: digests.returnedLayernorm, pooled: digests.pooled),
            pooled: completed.pooled.tensor(), layernorm: completed.layernorm?.tensor(),
            layers: completed.layers.isEmpty
                ? nil : completed.layers.map { LayerDigest(name: $0.name, digest: $0.digest) },
            seconds: StageSeconds(
                load: completed.seconds.load, input: completed.seconds.input, forward: completed.seconds.forward))
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

extension ConfigurationOrigin {
    fileprivate init(_ origin: Completed.Origin) {
        switch origin {
        case .flag: self = .flag
        case .configJSON: self = .configJSON
        case .pickledConfig: self = .pickledConfig
        case .pickledModules: self = .pickledModules
        case .stated: self = .stated
        case .configOption: self = .configOption
        case .inferred: self = .inferred
        case .guess: self = .guess
        case .defaultValue: self = .defaultValue
        }
    }
}

extension Severity {
    fileprivate init(_ severity: Completed.Severity) {
        switch severity {
        case .note: self = .note
        case .warning: self = .warning
        case .error: self = .error
        }
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
