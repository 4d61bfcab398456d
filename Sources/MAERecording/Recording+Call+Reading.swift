import MAEFormats
import MAETensor

extension Recording.Call {
    init(
        _ value: JSONValue, _ models: [Recording.Model], _ tensors: [String: CheckpointTensor]
    ) throws(RecordingProblem) {
        guard !models.isEmpty else { throw RecordingProblem("is a call, but there is no model.", at: "model") }
        let model = try value.whole("model", in: 0...models.count - 1)
        self.model = model
        isTraining = try value.flagIfAny("training") ?? models[model].isTraining
        hasGradients = try value.flagIfAny("grad")
        isInference = try value.flagIfAny("inference")
        var autocast: [String: String] = [:]
        for member in try value.object("autocast", most: RecordingLimits.settings) where member.value != .null {
            autocast[member.key] = try within("autocast.\(member.key)") { () throws(RecordingProblem) in
                try member.value.asText()
            }
        }
        self.autocast = autocast
        weightsChanged = try value.flagIfAny("weights_changed") ?? false
        var generators: [String: Recording.Generator] = [:]
        for member in try value.object("generators", most: RecordingLimits.settings) {
            generators[member.key] = try within("generators.\(member.key)") { () throws(RecordingProblem) in
                try Recording.Generator(member.value)
            }
        }
        self.generators = generators
        let reader = try RecordedValues(value, modules: models[model].modules.count, tensors)
        modules = try reader.moduleCalls()
        masking = try value.field("mae").map { mae throws(RecordingProblem) in
            try within("mae") { () throws(RecordingProblem) in try Recording.Masking(mae, reader) }
        }
        pooled = try reader.value(value, "pooled")
        // A model around it may have made several crops of each image, so what it was given itself does not count.
        let images = modules.filter { models[model].modules[$0.module].role == .embeddings }.compactMap { call in
            call.inputs.first { $0.shape.count == 4 }?.shape[0]
        }
        try within("mae") { () throws(RecordingProblem) in try masking?.check(images: images) }
    }
}

extension Recording.Generator {
    init(_ value: JSONValue) throws(RecordingProblem) {
        before = try value.digestIfAny("before")
        after = try value.digestIfAny("after")
        switch value.field("seed") {
        case nil: seed = nil
        // Seeds above 2⁶³ are read as other numbers are, and tell nothing then.
        case .number: seed = nil
        case let number?:
            seed = UInt64(
                bitPattern: Int64(
                    try within("seed") { () throws(RecordingProblem) in
                        try number.asInt(Int.min...Int.max)
                    }))
        }
    }
}

extension Recording.Masking {
    init(_ value: JSONValue, _ values: RecordedValues) throws(RecordingProblem) {
        noise = try values.value(value, "noise")
        mask = try values.value(value, "mask")
        idsRestore = try values.value(value, "ids_restore")
        isNoiseGiven = try value.textIfAny("noise_from").map { $0 == "argument" }
        maskRatio = try value.numberIfAny("mask_ratio")
        if let maskRatio, !(0...1).contains(maskRatio) {
            throw RecordingProblem("is outside 0 to 1.", at: "mask_ratio")
        }
    }

    /// Noise, mask and order have one value for each patch of each image, so one that has other counts is not of this call.
    fileprivate func check(images: [Int]) throws(RecordingProblem) {
        // Embeddings that were called with several numbers of images do not say which of them these are of.
        var counts = [Set(images).count == 1 ? images[0] : nil, nil]
        for (key, value) in [("noise", noise), ("mask", mask), ("ids_restore", idsRestore)] {
            guard let shape = value?.shape, shape.count == 2 else { continue }
            for (axis, name) in ["images", "patches"].enumerated() {
                if let known = counts[axis], known != shape[axis] {
                    throw RecordingProblem("is of \(shape[axis]) \(name), and the call has \(known).", at: key)
                }
                counts[axis] = shape[axis]
            }
        }
    }
}
