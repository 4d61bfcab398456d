import CMAEWire
import CProtobufC
import MAEDomain

extension Completed {
    func message(_ arena: EncodingArena) throws(WireError) -> Mae__Completed {
        var message = Mae__Completed()
        mae__completed__init(&message)
        try weights.write(to: &message, arena)
        digests.write(to: &message, arena)
        (message.n_configuration, message.configuration) = try arena.list(
            configuration, limit: WireLimits.configurationFields, "completed.configuration"
        ) { field throws(WireError) in try field.message(arena) }
        (message.has_mask_ratio, message.mask_ratio) = (1, maskRatio.value)
        (message.has_mask_ratio_origin, message.mask_ratio_origin) = (1, Mae__Origin(maskRatio.origin.wireNumber))
        (message.n_findings, message.findings) = try arena.list(
            findings, limit: WireLimits.findings, "completed.findings"
        ) { finding throws(WireError) in try finding.message(arena) }
        if let layers {
            try checkLimit(layers.states.count, WireLimits.layers, "completed.layers_sha256", "digests")
            (message.has_layers_sha256, message.layers_sha256) = (1, arena.digests(layers.states))
        }
        if let examination { message.examined = arena.place(try examination.message(arena)) }
        message.seconds = arena.place(seconds.message())
        try checkLimit(tokens, WireLimits.tokens, "completed.tokens", "tokens")
        try checkLimit(hidden, WireLimits.width, "completed.hidden", "elements")
        (message.has_tokens, message.tokens) = (1, UInt32(tokens))
        (message.has_hidden, message.hidden) = (1, UInt32(hidden))
        return message
    }
}

extension WeightsObservation {
    func write(to message: inout Mae__Completed, _ arena: EncodingArena) throws(WireError) {
        (message.has_weights_sha256, message.weights_sha256) = (1, arena.digest(digest))
        (message.n_manifest, message.manifest) = try arena.list(
            fingerprints ?? [], limit: WireLimits.fingerprints, "completed.manifest"
        ) { entry throws(WireError) in try entry.message(arena) }
        (message.n_others, message.others) = try arena.list(
            others ?? [], limit: WireLimits.otherModels, "completed.others"
        ) { other throws(WireError) in
            try NamedDigest(name: other.key, digest: other.digest).message(arena, "completed.others")
        }
    }
}

extension StageDigests {
    func write(to message: inout Mae__Completed, _ arena: EncodingArena) {
        (message.has_input_sha256, message.input_sha256) = (1, arena.digest(input))
        (message.has_noise_sha256, message.noise_sha256) = (1, arena.digest(noise))
        (message.has_mask_sha256, message.mask_sha256) = (1, arena.digest(mask))
        (message.has_order_sha256, message.order_sha256) = (1, arena.digest(order))
        (message.has_layernorm_sha256, message.layernorm_sha256) = (1, arena.digest(layernorm))
        message.returned_layernorm_sha256 = arena.digest(returned)
        message.has_returned_layernorm_sha256 = 1
        (message.has_pooled_sha256, message.pooled_sha256) = (1, arena.digest(pooled))
    }
}

extension TensorFingerprint {
    func message(_ arena: EncodingArena) throws(WireError) -> Mae__ManifestEntry {
        try checkLimit(shape.count, WireLimits.dimensions, "manifest.shape", "dimensions")
        var message = Mae__ManifestEntry()
        mae__manifest_entry__init(&message)
        (message.has_name, message.name) = (
            1, try arena.text(name, limit: WireLimits.tensorNameBytes, "manifest.name")
        )
        (message.n_shape, message.shape) = (shape.count, arena.array(shape.map(UInt64.init)))
        (message.has_sha256, message.sha256) = (1, arena.digest(digest))
        return message
    }
}

extension ConfigurationField {
    func message(_ arena: EncodingArena) throws(WireError) -> Mae__ConfigurationField {
        var message = Mae__ConfigurationField()
        mae__configuration_field__init(&message)
        message.name = try arena.text(name, limit: WireLimits.nameBytes, "configuration.name")
        message.value = try arena.text(value, limit: WireLimits.textBytes, "configuration.value")
        (message.has_name, message.has_value) = (1, 1)
        (message.has_origin, message.origin) = (1, Mae__Origin(origin.wireNumber))
        if let reason {
            message.reason = try arena.text(reason, limit: WireLimits.textBytes, "configuration.reason")
            message.has_reason = 1
        }
        return message
    }
}

extension LoadFinding {
    func message(_ arena: EncodingArena) throws(WireError) -> Mae__Finding {
        var message = Mae__Finding()
        mae__finding__init(&message)
        (message.has_code, message.code) = (1, try arena.text(code, limit: WireLimits.nameBytes, "finding.code"))
        (message.has_severity, message.severity) = (1, Mae__Severity(severity.wireNumber))
        (message.has_text, message.text) = (1, try arena.text(text, limit: WireLimits.textBytes, "finding.text"))
        return message
    }
}

extension StageSeconds {
    func message() -> Mae__Seconds {
        var message = Mae__Seconds()
        mae__seconds__init(&message)
        (message.has_load, message.load) = (1, load)
        (message.has_input, message.input) = (1, input)
        (message.has_forward, message.forward) = (1, forward)
        return message
    }
}
