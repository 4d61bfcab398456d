import MAECheckpoint
import MAEDomain
import MAEFormats
import MAERecording
import MAEText
import MAEVerify

extension Explanation {
    /// Recorded models whose weights are those of no checkpoint that was given.
    var recordedWeightsUnlikeModels: [Finding] {
        guard !models.isEmpty else { return [] }
        return recordings.indices.flatMap { index in
            recordings[index].recording.models.indices.compactMap { unlikeModels(index, $0) }
        }
    }

    private func unlikeModels(_ recording: Int, _ model: Int) -> Finding? {
        let differences = models.indices.compactMap { given in
            weightsDifference(recording, model, given).map { (given, $0) }
        }.filter { $0.1.shared > 0 }
        guard !differences.contains(where: { !$0.1.touchesEncoder && $0.1.oneSidedOfEncoder.isEmpty }),
            let (given, nearest) = differences.min(by: { $0.1.differing.count < $1.1.differing.count })
        else { return nil }
        for (given, _) in differences {
            if let rounding = self.rounding(recording, model, given) {
                return roundedFinding(recording, model, given, rounding)
            }
        }
        return Finding(
            code: .weightsDiffer, severity: .error,
            sentence:
                "\(modelWords(recording, model)) did not have the weights of `\(models[given].label)`: "
                + nearest.words,
            evidence: nearest.differing.isEmpty
                ? [] : ["By digests alone, a copy that was rounded is not told from other weights."],
            remedy: "Load the file that is meant.",
            python: "missing, unexpected = model.load_state_dict(state_dict)  # both must be empty")
    }

    /// A recorded model whose weights are those of a checkpoint in fewer bits.
    private func roundedFinding(_ recording: Int, _ model: Int, _ given: Int, _ rounding: HalfPrecision) -> Finding {
        let count = recordedWeights[recording][model].names.count
        return Finding(
            code: .precisionDiffers, severity: .error,
            sentence:
                "\(modelWords(recording, model)) had the weights of `\(models[given].label)` in \(rounding.rawValue): rounded so, "
                + "its tensors have the \(NumberText.count(count, "recorded digest")).",
            evidence: [
                "What it computed was not set against the checkpoint, which is computed in float32: record it so too."
            ],
            remedy: "Load the model in float32.",
            python: "model = ViTMAEForPreTraining.from_pretrained(path, dtype=torch.float32)")
    }

    /// The model of a recording: "The model of `call 1`".
    func modelWords(_ recording: Int, _ model: Int) -> String {
        let calls = recordedIDs.filter { $0.recording == recording && recordedCalls[$0]?.call.model == model }
        return "The model of \(NumberText.list(calls.map { "`\(label($0))`" }))"
    }

    /// Files that state a mask ratio that no recorded call of their weights had.
    var recordedRatiosUnlikeModels: [Finding] {
        models.indices.compactMap { index in
            let given = models[index]
            let same = recordedIDs.compactMap { recordedCalls[$0] }.filter { call in
                call.kept != nil && !call.call.weightsChanged
                    && call.patches == given.checkpoint.configuration.values.patchCount
                    && weightsDifference(call.id.recording, call.call.model, index)?.hasWeightsOfEncoder ?? false
            }
            guard given.states(.maskRatio) || given.givenMaskRatio != nil, let first = same.first,
                !same.contains(where: { $0.kept == given.keptCount })
            else { return nil }
            return Finding(
                code: .maskRatioDiffers, severity: .warning,
                sentence:
                    "`\(given.label)` says mask_ratio \(given.ratioText), and `\(label(first.id))`, which has its weights, was computed "
                    + "with \(first.ratioText).",
                remedy: "Set the ratio after loading, or load the file that was saved with it.",
                python: PythonRemedy.maskRatio(first.call.masking?.maskRatio))
        }
    }

    /// What recorded calls are when they are computed again.
    var recordedRunFindings: [Finding] {
        let (alike, other) = (recordedRuns.filter(\.isRounding), recordedRuns.filter { !$0.isRounding })
        let hidden = alike.filter { run in blockReplays.contains { $0.call == run.call && !$0.isRight } }
        var findings: [Finding] = other.map { run in
            Finding(
                code: code(run.call), severity: .error,
                sentence:
                    "`\(label(run.call))` is not what `\(models[run.model].label)` gives with its images, noise and mask ratio: the "
                    + "final layer norms differ by \(NumberText.short(run.difference)).",
                evidence: [
                    "In image \(run.image) PyTorch is \(NumberText.short(run.fromDouble)) from double precision, and this engine "
                        + "\(NumberText.short(run.ownFromDouble))."
                ] + modeEvidence(run.call) + wrongBlocks(run.call),
                remedy: remedy(run.call), python: python(run.call))
        }
        findings += hidden.map { run in
            Finding(
                code: .hiddenDifference, severity: .warning,
                sentence:
                    "`\(label(run.call))` agrees with what `\(models[run.model].label)` gives to \(NumberText.short(run.difference)), "
                    + "and a block of it is wrong for the input that it was given: what came after hid the difference.",
                evidence: wrongBlocks(run.call), remedy: "Look at that block.")
        }
        if let largest = alike.map(\.difference).max() {
            let names = NumberText.list(alike.map { "`\(label($0.call))`" })
            let precise = alike.map(\.fromDouble).max() ?? 0
            let own = alike.map(\.ownFromDouble).max() ?? 0
            findings.append(
                Finding(
                    code: .rounding, severity: .note,
                    sentence:
                        "\(names) \(alike.count == 1 ? "is" : "are") what the weights in "
                        + "\(NumberText.list(Set(alike.map { "`\(models[$0.model].label)`" }).sorted())) give: PyTorch and this engine agree to "
                        + "\(NumberText.short(largest)), which is fp32 rounding.",
                    evidence: [
                        "From double precision PyTorch is off by \(NumberText.short(precise)), this engine by \(NumberText.short(own))."
                    ]))
        }
        return findings
    }

    /// What makes a call differ from what its checkpoint gives, as far as its mode says so.
    private func code(_ id: RecordedCallID) -> String {
        guard let call = recordedCalls[id] else { return FindingCode.outputsDiffer.rawValue }
        if call.dropsOut { return FindingCode.load(CheckpointFinding.Code.trainingMode.rawValue) }
        let isReduced = call.autocastText != nil || call.weightTypes != "float32" || call.final?.dtype != "float32"
        return (isReduced ? FindingCode.precisionDiffers : .outputsDiffer).rawValue
    }

    /// What to do about a call that is not what its checkpoint gives.
    private func remedy(_ id: RecordedCallID) -> String {
        if code(id) == FindingCode.precisionDiffers.rawValue { return "Compute it in float32." }
        if code(id) != FindingCode.outputsDiffer.rawValue { return "Call eval() before the forward call." }
        return blockReplays.contains { $0.call == id }
            ? ""
            : "Record with keep=\"blocks,input\" and give the checkpoint again: then the block where it begins is told."
    }

    /// The line of Python that does it.
    private func python(_ id: RecordedCallID) -> String? {
        if code(id) == FindingCode.precisionDiffers.rawValue { return "model = model.float()  # and no autocast" }
        if code(id) != FindingCode.outputsDiffer.rawValue { return "model.eval()" }
        return blockReplays.contains { $0.call == id }
            ? nil : "mae_record.record(model, \"a.safetensors\", keep=\"blocks,input\")"
    }

    /// Which blocks of a call are not what their recorded input gives.
    private func wrongBlocks(_ id: RecordedCallID) -> [String] {
        let own = blockReplays.filter { $0.call == id }
        guard !own.isEmpty else { return [] }
        let wrong = own.filter { !$0.isRight }.map { "\($0.block) (off by \(NumberText.short($0.fromDouble)))" }
        return [
            wrong.isEmpty
                ? "Each of its \(NumberText.count(own.count, "block")), computed again from its recorded input, is right."
                : "Of its \(NumberText.count(own.count, "block")), computed again from their recorded input, these are wrong: "
                    + "\(NumberText.list(wrong))."
        ]
    }

    /// What of a call's mode takes bits away.
    private func modeEvidence(_ id: RecordedCallID) -> [String] {
        guard let call = recordedCalls[id] else { return [] }
        var modes: [String] = []
        if call.call.isTraining { modes.append(call.dropsOut ? "training mode, with dropout" : "training mode") }
        if let autocast = call.autocastText { modes.append("autocast \(autocast)") }
        if call.weightTypes != "float32" { modes.append("weights in \(call.weightTypes)") }
        if let device = call.final?.device, device != "cpu" { modes.append("device \(device)") }
        return modes.isEmpty ? [] : ["It was computed with \(NumberText.list(modes))."]
    }
}
