import Foundation
import MAECheckpoint
import MAEEngine
import MAEFormats
import MAEModel
import MAETensor
import MAEWire

extension Completed {
    /// What a job's answer says of a batch that the engine computed; `returned` is its layernorm in PyTorch's order.
    init(
        _ result: BatchResult, returned: Tensor, _ checkpoint: ModelCheckpoint, _ weights: WeightsManifest,
        _ place: CheckpointPlace, _ job: Job, loadSeconds: Double
    ) {
        let layernorm = result.output.layernorm
        self.init(
            digests: Digests(
                weights: weights.sha256, input: result.input.images.digest(), noise: result.input.noise.digest(),
                mask: result.keptPatchesDigest, order: result.orderDigest, layernorm: layernorm.digest(),
                returnedLayernorm: returned.digest(), pooled: result.output.pooled.digest()),
            configuration: checkpoint.configuration.wireFields, maskRatio: result.maskRatio,
            maskRatioOrigin: job.maskRatio == nil
                ? Origin(checkpoint.configuration.origin(of: .maskRatio)) : .flag,
            seconds: Seconds(load: loadSeconds, input: result.seconds.input, forward: result.seconds.forward),
            peakMemoryBytes: Self.peakMemoryBytes, pooled: TensorPayload(.pooled, result.output.pooled),
            tokens: layernorm.shape[1], hidden: layernorm.shape[2])
        if job.wantsManifest {
            manifest = weights.entries.map { ManifestEntry(name: $0.name, shape: $0.shape, digest: $0.sha256) }
        }
        let noticed = (checkpoint.findings + weights.findings(at: checkpoint.path)).map {
            Finding(
                code: $0.code.rawValue, severity: Severity($0.severity),
                text: place.naming($0.description).clipped(to: WireLimits.textBytes))
        }
        findings = Array((place.findings + noticed).prefix(WireLimits.findings))
        let models = checkpoint.models.lazy.filter { !$0.isTaken && $0.key.utf8.count <= WireLimits.tensorNameBytes }
        others = models.prefix(WireLimits.otherModels).compactMap { model in
            model.sha256.map { NamedDigest(name: model.key, digest: $0) }
        }
        layers = result.layerDigests.map { NamedDigest(name: $0.name, digest: $0.digest) }
        if job.wantsLayernorm { self.layernorm = TensorPayload(.layernorm, layernorm) }
        if let logits = result.output.logits {
            decoded = Decoded(logits: logits.digest(), loss: Double(result.loss ?? .nan))
        }
    }

    /// The most memory that this process has held.
    private static var peakMemoryBytes: UInt64 {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        return UInt64(clamping: usage.ru_maxrss) * 1024
    }
}

extension TracedConfiguration {
    /// Every field as JSON text, with where it came from.
    fileprivate var wireFields: [Completed.ConfigurationField] {
        guard let json = try? JSONSerialization.jsonObject(with: Data(values.configJSON().utf8)),
            let object = json as? [String: Any]
        else { preconditionFailure("a configuration is written as a JSON object") }
        return ConfigurationField.allCases.compactMap { field in
            guard let value = object[field.rawValue],
                let text = try? JSONSerialization.data(
                    withJSONObject: value, options: [.fragmentsAllowed, .sortedKeys])
            else { return nil }
            return .init(
                name: field.rawValue, value: String(decoding: text, as: UTF8.self),
                origin: Completed.Origin(origin(of: field)), reason: origin(of: field).reason)
        }
    }
}

extension ConfigurationOrigin {
    /// What a guess rests on; nil for other origins.
    fileprivate var reason: String? {
        guard case .guess(let reason) = self else { return nil }
        return reason.clipped(to: WireLimits.textBytes)
    }
}

extension Completed.Severity {
    /// How much a finding of the reader matters.
    fileprivate init(_ severity: CheckpointFinding.Severity) {
        switch severity {
        case .notice: self = .note
        case .warning: self = .warning
        case .error: self = .error
        }
    }
}

extension Completed.Origin {
    /// The kind of an origin.
    fileprivate init(_ origin: ConfigurationOrigin) {
        switch origin {
        case .configFile: self = .configJSON
        case .pickledObject: self = .pickledConfig
        case .pickledModules: self = .pickledModules
        case .stated: self = .stated
        case .option: self = .configOption
        case .shapes: self = .inferred
        case .guess: self = .guess
        case .transformersDefault, .preset: self = .defaultValue
        case .flag: self = .flag
        }
    }
}
