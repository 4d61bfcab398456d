import CMAEWire
import CProtobufC
import MAEDomain

extension JobRequest {
    init(_ message: Mae__Job, payloads: [TensorPayload]) throws(WireError) {
        var rest = payloads[...]
        lease = try Lease(try required(message.lease, "job.lease"), "job.lease")
        run = try text(message.has_run, message.run, limit: WireLimits.nameBytes, "job.run")
        shard = try required(message.has_shard, message.shard, "job.shard")
        method = try LoadingMethod.Kind(message.has_method, message.method, "job.method")
        label = try text(message.has_label, message.label, limit: WireLimits.nameBytes, "job.label")
        checkpoint = try text(
            message.has_checkpoint, message.checkpoint, limit: WireLimits.pathBytes, "job.checkpoint")
        configuration =
            message.has_configuration == 0
            ? nil : try text(message.configuration, limit: WireLimits.pathBytes, "job.configuration")
        if message.has_weights != 0 {
            weights = try text(message.weights, limit: WireLimits.pathBytes, "job.weights")
        }
        if message.has_checkpoint_files != 0 {
            checkpointFiles = try digest(1, message.checkpoint_files, "job.checkpoint_files")
        }
        if message.has_configuration_files != 0 {
            configurationFiles = try digest(1, message.configuration_files, "job.configuration_files")
        }
        batchIndex = try required(message.has_batch_index, message.batch_index, "job.batch_index")
        seed = try required(message.has_seed, message.seed, "job.seed")
        if let given = message.images {
            images = try Images(given.pointee)
            batchSize = try count(
                given.pointee.has_count, given.pointee.count, 1...WireLimits.batchSize, "job.images.count")
        } else {
            batchSize = try count(
                message.has_batch_size, message.batch_size, 1...WireLimits.batchSize, "job.batch_size")
        }
        maskRatio =
            message.has_mask_ratio == 0 ? nil : try number(1, message.mask_ratio, 0...1, "job.mask_ratio")
        switch (message.has_noise_draw != 0, rest.first?.name == .noise ? rest.popFirst() : nil) {
        case (true, nil):
            noise = .drawn(index: try count(1, message.noise_draw, 0...WireLimits.noiseDraw, "job.noise_draw"))
        case (false, let payload?):
            try payload.check(.noise, dimensions: [batchSize, nil], "job.noise")
            noise = .given(payload)
        default:
            throw WireError(.invalidField, "job.noise", "is either a draw or a payload, and one of them must be there")
        }
        wantsLayernorm = message.has_wants_layernorm != 0 && message.wants_layernorm != 0
        wantsFingerprints = message.has_wants_manifest != 0 && message.wants_manifest != 0
        if let asked = message.examination {
            examination = try Examination(asked.pointee, states: rest.popFirst())
        }
        try checkLimit(rest.count, 0, "job", "further payloads")
    }

    func message(_ arena: EncodingArena) throws(WireError) -> Mae__Job {
        let limit = WireLimits.nameBytes
        var message = Mae__Job()
        mae__job__init(&message)
        message.lease = arena.place(lease.message())
        (message.has_run, message.run) = (1, try arena.text(run, limit: limit, "job.run"))
        (message.has_shard, message.shard) = (1, shard)
        (message.has_method, message.method) = (1, Mae__Method(method.wireNumber))
        (message.has_label, message.label) = (1, try arena.text(label, limit: limit, "job.label"))
        message.checkpoint = try arena.text(checkpoint, limit: WireLimits.pathBytes, "job.checkpoint")
        message.has_checkpoint = 1
        if let configuration {
            message.configuration = try arena.text(configuration, limit: WireLimits.pathBytes, "job.configuration")
            message.has_configuration = 1
        }
        if let weights {
            message.weights = try arena.text(weights, limit: WireLimits.pathBytes, "job.weights")
            message.has_weights = 1
        }
        if let checkpointFiles {
            (message.has_checkpoint_files, message.checkpoint_files) = (1, arena.digest(checkpointFiles))
        }
        if let configurationFiles {
            message.configuration_files = arena.digest(configurationFiles)
            message.has_configuration_files = 1
        }
        (message.has_batch_index, message.batch_index) = (1, batchIndex)
        (message.has_seed, message.seed) = (1, seed)
        try checkLimit(batchSize, WireLimits.batchSize, "job.batch_size", "images")
        if let images {
            message.images = arena.place(try images.message(count: batchSize, arena))
        } else {
            (message.has_batch_size, message.batch_size) = (1, UInt32(batchSize))
        }
        if let maskRatio { (message.has_mask_ratio, message.mask_ratio) = (1, maskRatio) }
        if case .drawn(let index) = noise {
            try checkLimit(index, WireLimits.noiseDraw, "job.noise_draw", "draws")
            (message.has_noise_draw, message.noise_draw) = (1, UInt32(index))
        }
        (message.has_wants_layernorm, message.wants_layernorm) = (1, wantsLayernorm ? 1 : 0)
        (message.has_wants_manifest, message.wants_manifest) = (1, wantsFingerprints ? 1 : 0)
        if let examination { message.examination = arena.place(try examination.message(arena)) }
        return message
    }

    var payloads: [TensorPayload] {
        (noise.payload.map { [$0] } ?? []) + (examination?.payloads ?? [])
    }
}

extension JobRequest.Noise {
    fileprivate var payload: TensorPayload? { if case .given(let payload) = self { payload } else { nil } }
}

extension JobRequest.Images {
    fileprivate init(_ message: Mae__Images) throws(WireError) {
        path = try text(message.has_path, message.path, limit: WireLimits.pathBytes, "job.images.path")
        files = try digest(message.has_files, message.files, "job.images.files")
        first = try count(message.has_first, message.first, 0...WireLimits.images, "job.images.first")
    }

    fileprivate func message(count: Int, _ arena: EncodingArena) throws(WireError) -> Mae__Images {
        var message = Mae__Images()
        mae__images__init(&message)
        (message.has_path, message.path) = (1, try arena.text(path, limit: WireLimits.pathBytes, "job.images.path"))
        (message.has_files, message.files) = (1, arena.digest(files))
        try checkLimit(first, WireLimits.images, "job.images.first", "images")
        (message.has_first, message.first) = (1, UInt64(first))
        (message.has_count, message.count) = (1, UInt32(count))
        return message
    }
}

extension TensorPayload {
    /// Refuses another tensor than `name`, or another shape than `dimensions`, where nil stands for any extent.
    func check(_ expected: TensorName, dimensions: [Int?], _ field: String) throws(WireError) {
        let fits = shape.count == dimensions.count && zip(shape, dimensions).allSatisfy { $1 == nil || $0 == $1 }
        guard name == expected, fits else {
            throw WireError(.payloadMismatch, field, "came as \(name) of shape \(shape)")
        }
    }
}
