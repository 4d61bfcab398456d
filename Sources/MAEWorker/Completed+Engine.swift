import MAECheckpoint
import MAEDomain
import MAEEngine
import MAEFormats
import MAEModel
import MAETensor
import MAEWire

extension Completed {
    /// What a job's answer says of a batch that the engine computed.
    init(
        _ result: BatchResult, _ checkpoint: ModelCheckpoint, _ weights: WeightsFingerprints,
        _ place: CheckpointPlace, _ job: JobRequest, loadSeconds: Double
    ) {
        let layernorm = result.output.layernorm
        // A name that is too long for a message is too long for a job that would choose it.
        let models = checkpoint.models.lazy.filter { !$0.isTaken && $0.key.utf8.count <= WireLimits.tensorNameBytes }
        let others: [OtherModel] = models.prefix(WireLimits.otherModels).compactMap { model in
            model.sha256.map { OtherModel(key: model.key, digest: $0) }
        }
        self.init(
            weights: WeightsObservation(
                digest: weights.sha256,
                fingerprints: job.wantsFingerprints
                    ? weights.entries.map { TensorFingerprint(name: $0.name, shape: $0.shape, digest: $0.sha256) }
                    : nil,
                others: others.isEmpty ? nil : others),
            digests: result.digests,
            configuration: checkpoint.configuration.fields.map(\.sendable),
            maskRatio: MaskRatio(
                result.maskRatio,
                from: job.maskRatio == nil ? checkpoint.configuration.origin(of: .maskRatio).kind : .flag),
            seconds: StageSeconds(load: loadSeconds, input: result.seconds.input, forward: result.seconds.forward),
            pooled: TensorPayload(.pooled, result.output.pooled),
            tokens: layernorm.shape[1], hidden: layernorm.shape[2])
        let noticed = (checkpoint.findings + weights.findings(at: checkpoint.path)).map {
            LoadFinding(
                code: $0.code.rawValue, severity: $0.severity,
                text: place.naming($0.description).clipped(to: WireLimits.textBytes))
        }
        findings = Array((place.findings + noticed).prefix(WireLimits.findings))
        layers = result.layerDigests
        if job.wantsLayernorm { self.layernorm = TensorPayload(.layernorm, layernorm) }
    }
}

extension ConfigurationField {
    /// The field with its texts cut to what a message carries.
    fileprivate var sendable: Self {
        var field = self
        field.reason = reason?.clipped(to: WireLimits.textBytes)
        return field
    }
}
