import CMAEWire
import CProtobufC
import MAEDomain

extension Completed {
    init(_ message: Mae__Completed, payloads: [TensorPayload]) throws(WireError) {
        weights = try WeightsObservation(message)
        digests = try StageDigests(message)
        configuration = try list(
            message.n_configuration, message.configuration, limit: WireLimits.configurationFields,
            "completed.configuration"
        ) { field throws(WireError) in try ConfigurationField(field) }
        maskRatio = MaskRatio(
            try number(message.has_mask_ratio, message.mask_ratio, 0...1, "completed.mask_ratio"),
            from: try ConfigurationOrigin(
                message.has_mask_ratio_origin, message.mask_ratio_origin, "completed.mask_ratio_origin"))
        findings = try list(
            message.n_findings, message.findings, limit: WireLimits.findings, "completed.findings"
        ) { entry throws(WireError) in try LoadFinding(entry) }
        if message.has_layers_sha256 != 0 {
            layers = LayerDigests(
                try MAEWire.digests(message.layers_sha256, 1...WireLimits.layers, "completed.layers_sha256"))
        }
        seconds = try StageSeconds(try required(message.seconds, "completed.seconds"))
        tokens = try count(message.has_tokens, message.tokens, 1...WireLimits.tokens, "completed.tokens")
        hidden = try count(message.has_hidden, message.hidden, 1...WireLimits.width, "completed.hidden")

        guard let first = payloads.first else {
            throw WireError(.payloadMismatch, "completed.pooled", "is missing; a completed shard carries it")
        }
        try first.check(.pooled, dimensions: [nil, hidden], "completed.pooled")
        pooled = first
        var rest = payloads.dropFirst()
        if rest.first?.name == .layernorm, let payload = rest.popFirst() {
            try payload.check(
                .layernorm, dimensions: [first.shape[0], tokens, hidden], "completed.layernorm")
            layernorm = payload
        }
        if let examined = message.examined {
            examination = try ExaminationAnswer(examined.pointee, payloads: rest)
        } else {
            try checkLimit(rest.count, 0, "completed", "further payloads")
        }
    }
}

extension WeightsObservation {
    init(_ message: Mae__Completed) throws(WireError) {
        let fingerprints = try list(
            message.n_manifest, message.manifest, limit: WireLimits.fingerprints, "completed.manifest"
        ) { entry throws(WireError) in try TensorFingerprint(entry) }
        let others = try list(
            message.n_others, message.others, limit: WireLimits.otherModels, "completed.others"
        ) { entry throws(WireError) in
            let model = try NamedDigest(entry, "completed.others")
            return OtherModel(key: model.name, digest: model.digest)
        }
        self.init(
            digest: try MAEWire.digest(message.has_weights_sha256, message.weights_sha256, "completed.weights_sha256"),
            fingerprints: fingerprints.isEmpty ? nil : fingerprints, others: others.isEmpty ? nil : others)
    }
}

extension StageDigests {
    init(_ message: Mae__Completed) throws(WireError) {
        self.init(
            input: try digest(message.has_input_sha256, message.input_sha256, "completed.input_sha256"),
            noise: try digest(message.has_noise_sha256, message.noise_sha256, "completed.noise_sha256"),
            mask: try digest(message.has_mask_sha256, message.mask_sha256, "completed.mask_sha256"),
            order: try digest(message.has_order_sha256, message.order_sha256, "completed.order_sha256"),
            layernorm: try digest(
                message.has_layernorm_sha256, message.layernorm_sha256, "completed.layernorm_sha256"),
            returned: try digest(
                message.has_returned_layernorm_sha256, message.returned_layernorm_sha256,
                "completed.returned_layernorm_sha256"),
            pooled: try digest(message.has_pooled_sha256, message.pooled_sha256, "completed.pooled_sha256"))
    }
}

extension TensorFingerprint {
    init(_ message: Mae__ManifestEntry) throws(WireError) {
        self.init(
            name: try text(message.has_name, message.name, limit: WireLimits.tensorNameBytes, "manifest.name"),
            shape: try MAEWire.shape(message.n_shape, message.shape, "manifest.shape"),
            digest: try MAEWire.digest(message.has_sha256, message.sha256, "manifest.sha256"))
    }
}

extension ConfigurationField {
    init(_ message: Mae__ConfigurationField) throws(WireError) {
        self.init(
            name: try text(message.has_name, message.name, limit: WireLimits.nameBytes, "configuration.name"),
            value: try text(message.has_value, message.value, limit: WireLimits.textBytes, "configuration.value"),
            origin: try ConfigurationOrigin(message.has_origin, message.origin, "configuration.origin"),
            reason: message.has_reason == 0
                ? nil : try text(message.reason, limit: WireLimits.textBytes, "configuration.reason"))
    }
}

extension LoadFinding {
    init(_ message: Mae__Finding) throws(WireError) {
        self.init(
            code: try MAEWire.text(message.has_code, message.code, limit: WireLimits.nameBytes, "finding.code"),
            severity: try Severity(message.has_severity, message.severity, "finding.severity"),
            text: try MAEWire.text(message.has_text, message.text, limit: WireLimits.textBytes, "finding.text"))
    }
}

extension StageSeconds {
    init(_ message: Mae__Seconds) throws(WireError) {
        let range = 0...Double.greatestFiniteMagnitude
        self.init(
            load: try number(message.has_load, message.load, range, "seconds.load"),
            input: try number(message.has_input, message.input, range, "seconds.input"),
            forward: try number(message.has_forward, message.forward, range, "seconds.forward"))
    }
}
