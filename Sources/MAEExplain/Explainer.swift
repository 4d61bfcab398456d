import MAECheckpoint
import MAEEngine

/// Finds out why a person's files differ, on this machine alone.
public struct Explainer {
    /// Told what is being done, for a line of progress.
    public var progress: (String) -> Void
    /// Told of each section as soon as it is there.
    public var reached: (Explanation.Section, Explanation) throws -> Void

    /// An explainer that tells what it finds while it finds it.
    public init(
        progress: @escaping (String) -> Void = { _ in },
        reached: @escaping (Explanation.Section, Explanation) throws -> Void = { _, _ in }
    ) {
        self.progress = progress
        self.reached = reached
    }

    /// Explains the files of a request.
    ///
    /// - Throws: ``CheckpointError`` and ``TensorError`` for files that cannot be read, ``ComputeError`` for what this
    ///   machine cannot hold, and what ``reached`` throws.
    public func explain(_ request: ExplainRequest) throws -> Explanation {
        var explanation = Explanation(request: request)
        progress("reading files")
        let given = try GivenFiles(request.files, configuration: request.configuration)
        (explanation.models, explanation.outputs) = (given.models, given.outputs)
        explanation.recordings = given.recordings
        explanation.leftOut = given.leftOut
        explanation.images =
            request.pixels?.shape.first ?? request.batchSize
            ?? given.outputs.first { $0.images <= ExplainRequest.mostImages }?.images
            ?? given.recordings.lazy.compactMap(\.images).first { $0 <= ExplainRequest.mostImages }
            ?? ExplainRequest.defaultBatchSize
        try reached(.files, explanation)
        try explanation.readWeights(progress)
        if !explanation.models.isEmpty {
            try reached(.weights, explanation)
            try reached(.configuration, explanation)
        }
        let predictor = try explanation.predict(progress)
        if explanation.prediction != nil { try reached(.prediction, explanation) }
        try explanation.recognize(predictor)
        try explanation.compareRecordings(predictor, progress)
        if !explanation.outputs.isEmpty { try reached(.outputs, explanation) }
        if !explanation.recordings.isEmpty { try reached(.recordings, explanation) }
        explanation.findings = Causes.findings(in: explanation)
        try reached(.causes, explanation)
        return explanation
    }
}

extension Explanation {
    /// Reads all weights, and compares models with files next to them that could be mistaken for them.
    fileprivate mutating func readWeights(_ progress: (String) -> Void) throws {
        for index in models.indices {
            progress("reading the weights of \(models[index].label)")
            // Once more, now with what lies next to it.
            models[index].checkpoint = try ModelCheckpoint.openUnverified(
                request.files[models[index].file].reference, configurationIfNone: request.configuration)
            models[index].fingerprints = try models[index].checkpoint.fingerprints()
            try models[index].checkpoint.verifyChecksums()
        }
        guard !models.isEmpty else { return }
        progress("comparing weights")
        weights = try WeightsGroups(models)
        var encoders: [GivenModel.Encoder: Int] = [:]
        for index in models.indices {
            guard let encoder = models[index].encoder else { continue }
            let group = encoders[encoder] ?? encoders.count
            encoders[encoder] = group
            models[index].group = group
        }
    }

    /// Runs the models one after the other, as the person's script does.
    fileprivate mutating func predict(_ progress: @escaping (String) -> Void) throws -> OutputPredictor? {
        guard !models.isEmpty else { return nil }
        let predictor = OutputPredictor(
            try Engine(request.engine), models, calls: calls, request, progress: progress)
        // A single model is called twice, unless a recording shows what calls of it gave.
        if models.count > 1 || recordings.isEmpty {
            prediction = try ScriptPrediction(models, calls: calls, images: images, predictor)
        }
        return predictor
    }

    /// Finds out what the person's outputs are.
    fileprivate mutating func recognize(_ predictor: OutputPredictor?) throws {
        let rounding = RoundingLimit(measured: prediction?.rounding)
        if let predictor {
            let recognition = OutputRecognition(
                models, predictor, request, calls: max(models.count, outputs.count), rounding)
            for (index, output) in outputs.enumerated() {
                switch try recognition.recognize(output, at: index) {
                case .recognized(let identity): recognized.append(identity)
                case .unrecognized(let reason): unrecognized.append(reason)
                }
            }
        }
        for left in outputs.indices {
            for right in outputs.indices.dropFirst(left + 1) {
                outputPairs.append(
                    try OutputPair(
                        (left, outputs[left], identity(left)), (right, outputs[right], identity(right)), predictor,
                        rounding))
            }
        }
    }
}
