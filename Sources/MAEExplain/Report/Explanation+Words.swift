import MAECheckpoint
import MAEDomain
import MAEFormats
import MAEText
import MAEVerify

extension Explanation {
    /// The answer in one sentence.
    public var sentence: String {
        let subject =
            !outputs.isEmpty ? "the outputs" : recordings.isEmpty ? "the models' outputs" : "the recorded calls"
        switch outcome {
        case .disagree:
            let cause = findings.first { $0.severity == .error } ?? findings.first
            return cause?.sentence ?? "\(subject) differ, and nothing here explains it."
        case .agree:
            let isRounded =
                outputPairs.contains { $0.cause == .order || $0.cause == .rounding || $0.cause == .reduced }
                || prediction?.pairs.contains { $0.asTheyRun.isRounding } == true
                || recordingPairs.contains { !$0.causes.contains(.none) }
                || recordedRuns.contains { $0.difference > 0 }
            return isRounded
                ? "Nothing differs but the order of PyTorch's sums"
                    + (prediction?.rounding.map { " (about \(NumberText.short($0)))" } ?? "") + "."
                : recordings.isEmpty
                    ? "Nothing differs: weights, configuration and outputs are the same."
                    : recordedSentence
        case .incomplete:
            if let cause = findings.first(where: {
                $0.has(.moduleDiffers) || $0.has(.hiddenDifference) || $0.has(.recordingIncomplete)
            }) {
                return cause.sentence
            }
            if comparesRecordedWeights, recordingPairs.isEmpty, recordedRuns.isEmpty {
                return
                    "The weights are the same, and nothing else was compared: the images or the noise of the recorded calls are "
                    + "not known (keep=\"input\")."
            }
            return unrecognized.isEmpty
                ? "No difference is certain: a value that no file states decides, and was guessed."
                : "No difference was found, but not every output was recognized."
        case .nothingCompared:
            return recordings.isEmpty
                ? "There are no two models or outputs to compare."
                : "There are no two recorded calls to compare: record a second one, or give the checkpoint in the same call."
        }
    }

    /// What agrees of recordings.
    private var recordedSentence: String {
        if recordingPairs.contains(where: { !$0.weights.differing.isEmpty }) {
            return
                "Every module that was run gave the same bits; the tensors that differ are of a decoder that was not."
        }
        if !recordingPairs.isEmpty {
            // What no digest was taken of is not called equal.
            let same = recordingPairs.map(sameWords)
            let names = [("weights", "weights"), ("input", "inputs"), ("mask", "masks")].filter { name, plural in
                same.allSatisfy { !$0.unknown.contains(plural) }
                    && same.contains { $0.known.contains { $0.hasPrefix(name) } }
            }
            let hasLater = recordingPairs.contains { isLater($0.left) || isLater($0.right) }
            return "Nothing differs: "
                + NumberText.list(names.map(\.1) + ["every module's outputs, as far as digests were taken,"])
                + " are the same bits"
                + (hasLater ? ", the weights when each model was first called." : ".")
        }
        return "Nothing differs: what was given agrees with what was recorded."
    }

    /// The numbers of the two calls of a pair, as the list of files has them.
    func numbers(_ pair: PredictedPair) -> String {
        let numbers = [pair.left, pair.right].map { call in
            "\(calls[call] + 1)" + (calls[..<call].contains(calls[call]) ? " again" : "")
        }
        return numbers.joined(separator: " : ")
    }

    /// What an output is: `draw 0 of a.pth at mask_ratio 0.75, the mean over the tokens`.
    func words(_ identity: RecognizedOutput) -> String {
        let owners = identity.groups.map { NumberText.list(labels(ofGroup: $0)) }
        // Where all models compute the same, nothing tells whose output it is.
        let isAny = labels(ofGroup: identity.group).count == models.count
        let whose = isAny ? "" : " of " + owners.joined(separator: " or of ")
        let call = identity.noise?.words ?? "any draw"
        let ratio = ratioText(identity)
        let mask =
            identity.isRatioDerived
            ? "keeps \(identity.kept) of \(identity.patches) patches (ratio \(ratio))"
            : "mask_ratio \(ratio) (\(NumberText.count(identity.kept + 1, "token")))"
        return "\(call)\(whose), \(mask), \(identity.reductionWords)"
            + (identity.isRestored ? " in the order of ids_restore" : "")
    }

    /// The ratio of an output as people read it.
    func ratioText(_ identity: RecognizedOutput) -> String {
        let model = models.first { $0.group == identity.group }
        return model?.checkpoint.configuration.values.text(ofRatio: identity.maskRatio) ?? "\(identity.maskRatio)"
    }
}

extension RecognizedOutput {
    /// How close the match is.
    var match: String {
        let size = distance == 0 ? "matches bit for bit" : "matches to \(NumberText.short(distance))"
        return precision == .rounding ? size : "\(size): fewer bits (TF32, fp16, bf16), or slightly other weights"
    }
}

extension OutputPair {
    /// Why the two differ, in a few words.
    func words(_ explanation: Explanation) -> String {
        causes.map { words($0, explanation) }.filter { !$0.isEmpty }.joined(separator: "; ")
    }

    private func words(_ cause: Cause, _ explanation: Explanation) -> String {
        func ratio(_ index: Int) -> String {
            explanation.identity(index).map(explanation.ratioText) ?? "?"
        }
        switch cause {
        case .none: return "equal, bit for bit"
        case .masks: return "another mask was drawn"
        case .maskRatios: return "mask_ratio \(ratio(left)) against \(ratio(right))"
        case .order:
            return "the same tokens in another order"
                + (inOneOrder.map { "; in one order \(NumberText.short($0))" } ?? "")
        case .rounding: return "the order of PyTorch's sums"
        case .precision: return "fewer bits (TF32, fp16, bf16), or slightly other weights or settings"
        case .models: return "other weights or settings"
        case .notFinite: return "NaN or infinity, which agrees with nothing"
        case .reductions: return "made of the tokens in another way"
        case .reduced:
            return "the one is made of the other's tokens"
                + (afterReducing.map { $0 == 0 ? "; made alike, equal" : "; made alike, \(NumberText.short($0))" } ?? "")
        case .unknown:
            let calls = [left, right].compactMap { explanation.recordedOutput($0)?.call }
            guard calls.count == 2 else { return "" }
            return calls[0] == calls[1] ? "made of one recorded call" : "of two recorded calls, which are told of below"
        }
    }
}

extension PredictedDifference {
    /// The difference as a column of the table shows it.
    var words: String {
        switch self {
        case .equal: "equal"
        case .rounding(let size): "~ \(NumberText.short(size))"
        case .differs(let size): NumberText.short(size)
        case .incomparable: "other shape"
        case .notFinite: "not finite"
        }
    }

    /// Whether it is nothing but rounding.
    var isRounding: Bool { if case .rounding = self { true } else { false } }
}

extension PredictedPair {
    /// Whether a figure of it is nothing but rounding.
    var hasRounding: Bool { [asTheyRun, sameMask, unmasked].contains(where: \.isRounding) }
}

extension GivenModel {
    /// What the file is, in a line.
    var summary: String {
        let format = checkpoint.format
        switch checkpoint.method {
        case .pretrained: return "hub directory, config.json and weights"
        case .full: return "pickled model" + (format.pickledClass.map { " (\($0))" } ?? "")
        case .stateDict, .automatic:
            return (format.container == .safetensors ? "safetensors" : "state dict") + ", weights alone"
        }
    }

    /// A value of its configuration and where it came from, in a few words.
    func stated(_ field: ConfigurationKey) -> (value: String, origin: String) {
        if field == .maskRatio, let givenMaskRatio {
            return (checkpoint.configuration.values.text(ofRatio: givenMaskRatio), "as given with the file")
        }
        let origin = checkpoint.configuration.origin(of: field)
        return (checkpoint.configuration.values[field].compactText, origin.kind.words)
    }
}

extension RecordedOutput {
    /// What the file is, in a line.
    var summary: String {
        "output \(values.shape), " + (form == .tokens ? "images × tokens × hidden" : "one vector an image")
    }
}

extension Finding {
    /// Whether a person sees it without asking: what the reader merely noted is left to the other reports.
    var isTold: Bool { severity > .note || !code.hasPrefix(FindingCode.loadPrefix) }
}

extension TensorDifference {
    /// How far the elements are apart.
    var words: String {
        guard let largest else { return "shapes \(shapes[0]) and \(shapes[1])" }
        return largest.isFinite
            ? "largest difference \(NumberText.short(largest))"
            : "NaN or infinity on one side, other values on the other"
    }
}
