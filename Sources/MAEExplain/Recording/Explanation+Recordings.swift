import MAECheckpoint
import MAEDomain
import MAERecording
import MAETensor
import MAEVerify

extension Explanation {
    /// Sets recordings against each other, and against the checkpoints that were given.
    mutating func compareRecordings(_ predictor: OutputPredictor?, _ progress: @escaping (String) -> Void) throws {
        guard !recordings.isEmpty else { return }
        let rounding = RoundingLimit(measured: prediction?.rounding)
        let compared = try RecordingPairs(recordings, request, rounding, progress)
        (recordingPairs, recordedWeights, recordedCalls) = (compared.pairs, compared.weights, compared.calls)
        try readForms(progress)
        try matchOutputs(rounding)
        guard let predictor else { return }
        for id in recordedIDs where recordedRuns.count < RecordedRun.most {
            guard let call = recordedCalls[id], let given = model(ofSameWeights: id) else { continue }
            progress("computing \(label(id)) again from \(models[given].label)")
            if let run = try RecordedRun(call, given, predictor.model(models[given].group), rounding) {
                recordedRuns.append(run)
            }
        }
        try replayBlocks(predictor, progress)
    }

    /// Whether the weights of a recorded model were set against those of a checkpoint.
    var comparesRecordedWeights: Bool { recordedIDs.contains { model(ofSameWeights: $0) != nil } }

    /// All recorded calls, in the order of the files.
    var recordedIDs: [RecordedCallID] {
        recordedCalls.keys.sorted { ($0.recording, $0.call) < ($1.recording, $1.call) }
    }

    /// Computes blocks again from what was recorded: of the first pair in which one adds a difference, from that one on, and of each
    /// call that was computed again from its checkpoint.
    private mutating func replayBlocks(_ predictor: OutputPredictor, _ progress: @escaping (String) -> Void) throws {
        let causes: Set<RecordingPair.Cause> = [.module, .precision, .training, .hidden, .rounding]
        // Of permuted tokens digests may not tell the block.
        let pair = recordingPairs.first {
            !causes.isDisjoint(with: $0.causes) && [.encoderBlock, nil].contains($0.firstStage?.left.role)
        }
        if let pair {
            let block = pair.firstStage?.left.index ?? 0
            let image = try worstImage(pair)
            for id in [pair.left, pair.right] {
                try replayBlocks(of: id, from: block, image: image, predictor, progress)
            }
        }
        // What agrees with its checkpoint as a whole may have been wrong before: a layer norm hides what is added to all of a token.
        for run in recordedRuns where !blockReplays.contains(where: { $0.call == run.call }) {
            try replayBlocks(of: run.call, from: 0, image: run.image, predictor, progress)
        }
        for index in recordingPairs.indices {
            let pair = recordingPairs[index]
            let isWrong = blockReplays.contains { ($0.call == pair.left || $0.call == pair.right) && !$0.isRight }
            guard isWrong, let place = pair.causes.firstIndex(of: .rounding) else { continue }
            recordingPairs[index].causes[place] = .hidden
        }
    }

    private mutating func replayBlocks(
        of id: RecordedCallID, from block: Int, image: Int, _ predictor: OutputPredictor,
        _ progress: @escaping (String) -> Void
    ) throws {
        guard let call = recordedCalls[id], let given = model(ofSameWeights: id) else { return }
        let name = label(id)
        blockReplays += try BlockReplay.blocks(
            of: call, from: block, image: image, predictor.model(models[given].group)
        ) { progress("computing encoder block \($0) of \(name) again") }
    }

    /// The image in which the outputs of a block differ most; the first where they were not kept.
    private func worstImage(_ pair: RecordingPair) throws -> Int {
        guard let stage = pair.firstStage, let left = recordedCalls[pair.left], let right = recordedCalls[pair.right],
            let one = left.call.modules[stage.leftCall].outputs.first(where: \.isFloatingPoint),
            let other = right.call.modules[stage.rightCall].outputs.first(where: \.isFloatingPoint),
            let mine = try left.recording.tensor(of: one), let theirs = try right.recording.tensor(of: other)
        else { return 0 }
        return DifferenceMetrics(of: .layernorm, mine, theirs, rtol: 0)?.place?.first ?? 0
    }

    /// What a recorded call is called in reports.
    func label(_ id: RecordedCallID) -> String {
        let file = recordings[id.recording].label
        if recordings.count == 1 { return "call \(id.call)" }
        return recordings.allSatisfy { $0.recording.calls.count == 1 } ? file : "\(file) call \(id.call)"
    }

    /// Index of the first model given whose encoder has the weights of a recorded call; nil where none has, or a weight was written
    /// to since its digest was taken.
    func model(ofSameWeights id: RecordedCallID) -> Int? {
        guard let call = recordedCalls[id], !call.call.weightsChanged else { return nil }
        return models.indices.first { index in
            weightsDifference(id.recording, call.call.model, index)?.hasWeightsOfEncoder ?? false
        }
    }

    /// Whether a call is not the first of its model, so that digests of the weights were taken before it and may be those of then.
    func isLater(_ id: RecordedCallID) -> Bool {
        let calls = recordings[id.recording].recording.calls
        return calls[..<id.call].contains { $0.model == calls[id.call].model }
    }

    /// How the weights of a recorded model differ from those of a model that was given, in one tensor where the recording has query,
    /// key and value so; nil while those are not read.
    func weightsDifference(_ recording: Int, _ model: Int, _ given: Int) -> RecordedWeights.Difference? {
        let recorded = recordedWeights[recording][model]
        let own = weightsInForms[given][WeightsForm(fused: recorded.fused, rounding: nil)]
        return own.map { recorded.difference(from: $0) }
    }

    /// The type of half precision to which the weights of a model that was given were rounded in a recorded model; nil where they were
    /// not.
    func rounding(_ recording: Int, _ model: Int, _ given: Int) -> HalfPrecision? {
        let recorded = recordedWeights[recording][model]
        guard let rounding = recorded.halfPrecision,
            let own = weightsInForms[given][WeightsForm(fused: recorded.fused, rounding: rounding)],
            recorded.difference(from: own).hasWeightsOfEncoder
        else { return nil }
        return rounding
    }

    /// Takes the digests of the models given in the forms that recordings have.
    private mutating func readForms(_ progress: (String) -> Void) throws {
        var forms: [WeightsForm] = []
        for weights in recordedWeights.joined() {
            for rounding in [nil, weights.halfPrecision] {
                let form = WeightsForm(fused: weights.fused, rounding: rounding)
                if forms.count < WeightsForm.most, !forms.contains(form) { forms.append(form) }
            }
        }
        for model in models {
            var digests: [WeightsForm: RecordedWeights] = [:]
            if let fingerprints = model.fingerprints {
                progress("comparing the weights of \(model.label) with recorded ones")
                for form in forms { digests[form] = try form.digests(of: model.checkpoint, fingerprints) }
            }
            weightsInForms.append(digests)
        }
    }
}
