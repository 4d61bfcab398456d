import MAEDomain
import MAERecording
import MAEText
import MAEVerify

extension Explanation {
    /// What two recordings of a pair say differently of their processes.
    func settings(of pair: RecordingPair) -> [SettingDifference] {
        pair.left.recording == pair.right.recording
            ? []
            : SettingDifference.between(
                recordings[pair.left.recording].recording, recordings[pair.right.recording].recording)
    }

    /// A module that gives other values for the same input, for no reason that was recorded.
    func moduleFinding(_ pairs: [RecordingPair]) -> Finding {
        let pair = pairs.first { $0.isRounding == false } ?? pairs[0]
        let (one, other) = ("`\(label(pair.left))`", "`\(label(pair.right))`")
        let suspects = (pair.modes + settings(of: pair)).filter(\.matters)
        if let excess = pair.excess, pair.causes.contains(.precision) { return excessFinding(pair, excess) }
        let isKnown = pair.isRounding == false
        let same = sameWords(pair)
        let place = pair.first.map { _ in " The difference begins in \(pair.beginningWords)." } ?? ""
        var evidence = replayEvidence(pair)
        if recordingPairs.count > 3 {
            evidence.insert("\(pairs.count) of the \(recordingPairs.count) pairs of calls; this is the first.", at: 0)
        }
        if pair.laterBlocks > 0, blockReplays.isEmpty {
            evidence.append(
                "\(NumberText.count(pair.laterBlocks, "later block")) got other tokens already, so digests do not tell whether "
                    + "more is added there.")
        }
        if isLater(pair.left) || isLater(pair.right), pair.weights.isEncoderEqual {
            evidence.append(
                "Digests of the weights were taken before earlier calls of the model: what was written to them since may not show. "
                    + "A recording of each call for itself tells.")
        }
        if !suspects.isEmpty {
            evidence.append(
                "What differs between them and can do that: \(NumberText.list(suspects.map(\.words), limit: 6)).")
        }
        return Finding(
            code: .moduleDiffers,
            severity: same.unknown.isEmpty && (isKnown || suspects.isEmpty) ? .error : .warning,
            sentence:
                "\(one) and \(other) "
                + (same.known.isEmpty ? "differ" : "have the same \(NumberText.list(same.known)), and still differ")
                + sizeWords(pair) + place
                + (same.unknown.isEmpty
                    ? "" : " Whether their \(NumberText.list(same.unknown)) are the same is not known."),
            evidence: evidence, remedy: remedy(pair, isKnown: isKnown, suspects: suspects),
            python: isKnown && !blockReplays.isEmpty
                ? nil : "mae_record.record(model, \"a.safetensors\", keep=\"blocks,input\")  # on both sides")
    }

    /// What of two calls is known to be the same, and of what nothing tells that.
    func sameWords(_ pair: RecordingPair) -> (known: [String], unknown: [String]) {
        let hasLater = isLater(pair.left) || isLater(pair.right)
        let weights = hasLater ? "weights (by the digests taken at the first call of each model)" : "weights"
        var (known, unknown) = ([String](), [String]())
        if pair.weights.isEncoderEqual { known.append(weights) } else { unknown.append("weights") }
        if pair.input == .equal { known.append("input") } else { unknown.append("inputs") }
        if let mask = pair.mask { if mask == .equal { known.append("mask") } else { unknown.append("masks") } }
        return (known, unknown)
    }

    /// By how much the two of a pair differ, and whether that is more than rounding, as far as it is known.
    private func sizeWords(_ pair: RecordingPair) -> String {
        if pair.final == .equal {
            return
                " after their final layer norms, which are equal. How much is not known, for no values were kept of it."
        }
        let isMean = pair.difference == nil
        guard let largest = pair.largest, largest > 0 else {
            return ". How much is not known, for no values were kept."
        }
        let size = isMean ? ": their means over the tokens by up to " : " by up to "
        return size + NumberText.short(largest)
            + (pair.isRounding == false
                ? ", more than \(pair.precision.words) rounding leaves." : ". Whether that is rounding is not known.")
    }

    /// Two calls in fewer bits that are further apart than these bits are expected to leave them.
    private func excessFinding(_ pair: RecordingPair, _ excess: (size: Double, limit: Double)) -> Finding {
        Finding(
            code: .moduleDiffers, severity: .error,
            sentence:
                "`\(label(pair.left))` and `\(label(pair.right))` differ by up to \(NumberText.short(excess.size)), more than "
                + "\(pair.precision.words) is expected to leave (about \(NumberText.short(excess.limit))): something else differs too.",
            evidence: replayEvidence(pair),
            remedy: "Record both in float32 with keep=\"blocks,input\", which shows where it begins.",
            python: "mae_record.record(model, \"a.safetensors\", keep=\"blocks,input\")  # on both sides, in float32")
    }

    private func remedy(_ pair: RecordingPair, isKnown: Bool, suspects: [SettingDifference]) -> String {
        let equal = suspects.isEmpty ? "" : "Make equal what differs between the two, one after the other. "
        if !blockReplays.isEmpty { return equal + "Look at the side that is off." }
        if isKnown, models.isEmpty {
            return equal
                + "Record both with keep=\"blocks,input\" and give the checkpoint in the same call: then each block is computed again, "
                + "which tells the side that is wrong."
        }
        return equal + "Record both with keep=\"blocks,input\" to see how large it is."
    }

    /// What blocks that were computed again show of a pair.
    func replayEvidence(_ pair: RecordingPair) -> [String] {
        [pair.left, pair.right].flatMap { id -> [String] in
            let own = blockReplays.filter { $0.call == id }
            guard let first = own.first else { return [] }
            let wrong = own.filter { !$0.isRight }
            let size =
                "\(NumberText.short(first.fromDouble)) from double precision, this engine \(NumberText.short(first.ownFromDouble))"
            var lines = [
                "Computed again from the input that `\(label(id))` recorded, encoder block \(first.block) of it is \(size): "
                    + (first.isRight ? "it is right." : "it is wrong.")
            ]
            let later = wrong.filter { $0.block != first.block }
            if own.count > 1 {
                let names = NumberText.list(later.map { "\($0.block) (\(NumberText.short($0.fromDouble)))" })
                lines.append(
                    later.isEmpty
                        ? "\(NumberText.count(own.count - 1, "later block")) of it computed again: right for what each was given."
                        : "Of its later blocks, these add a difference of their own: \(names).")
            }
            return lines
        }
    }

    /// Recorded calls with NaN or infinity, and the module that made the first.
    var recordedNotFinite: [Finding] {
        recordedIDs.compactMap { id in
            guard let call = recordedCalls[id], let final = call.final, final.nonFiniteCount > 0 else { return nil }
            let place = call.firstNotFinite.map { module, isSure in
                let path = module.role == nil || module.path.isEmpty ? "" : " (`\(module.path)`)"
                return isSure
                    ? "The first: \(module.words)\(path) gives them for finite input."
                    : "They begin in \(module.words)\(path), or just before it: its input was not measured."
            }
            return Finding(
                code: .outputNotFinite, severity: .error,
                sentence:
                    "`\(label(id))` is not finite: \(final.nanCount) NaN and \(final.infiniteCount) infinite of "
                    + "\(final.shape.reduce(1, *)) values of its output, which agree with nothing.",
                evidence: place.map { [$0] }
                    ?? ["What the model was given holds some already, or nothing was recorded of where they began."],
                remedy: "Look at the weights of that module, and at how large its input is.",
                python: "[name for name, value in model.state_dict().items() if not value.isfinite().all()]")
        }
    }

    /// What two processes say differently of themselves.
    var settingsFindings: [Finding] {
        guard recordings.count > 1 else { return [] }
        return recordings.indices.dropFirst().compactMap { index in
            let all = SettingDifference.between(recordings[0].recording, recordings[index].recording)
            guard !all.isEmpty else { return nil }
            let (some, rest) = (all.filter(\.matters), all.filter { !$0.matters })
            let names = "`\(recordings[0].label)` and `\(recordings[index].label)`"
            return Finding(
                code: .settingsDiffer, severity: .note,
                sentence: "The processes of \(names) were not set up alike: "
                    + "\(NumberText.list((some.isEmpty ? rest : some).map(\.words), limit: 8)).",
                evidence: some.isEmpty || rest.isEmpty
                    ? [] : ["Also, which rarely matters: \(NumberText.list(rest.map(\.words), limit: 8))."])
        }
    }

    /// Calls of which nothing that both recorded can be compared.
    var uncomparedCalls: [Finding] {
        let pairs = recordingPairs.filter { $0.causes.contains(.unknown) }
        guard !pairs.isEmpty else { return [] }
        return [
            Finding(
                code: .recordingIncomplete, severity: .warning,
                sentence:
                    "Whether \(names(pairs)) agree is not known: of what they returned there is no digest on both sides.",
                evidence: extent(pairs),
                remedy: "Record once more, of a model that holds its tensors whole: distributed, sparse, quantized and "
                    + "meta tensors have no digests.")
        ]
    }

    /// Recordings, or calls in them, of which something is missing.
    var incompleteRecordings: [Finding] {
        recordings.enumerated().flatMap { index, given -> [Finding] in
            let recording = given.recording
            var reasons: [(String, Severity)] = []
            if let exception = recording.exception {
                reasons.append(
                    ("it ended with \(exception.hasSuffix(".") ? String(exception.dropLast()) : exception)", .warning))
            }
            reasons += recording.problems.prefix(4).map { ("the recorder says: \($0)", .warning) }
            if recording.callsLeftOut > 0 {
                reasons.append(("\(NumberText.count(recording.callsLeftOut, "later call")) were not recorded", .note))
            }
            if recording.models.contains(where: \.isCompiled) {
                reasons.append(("torch.compile wraps a model, so that modules inside were not seen", .note))
            }
            if recording.calls.contains(where: \.weightsChanged) {
                reasons.append(("weights were written to after their digests were taken", .note))
            }
            let thrown = recording.calls.flatMap(\.modules).compactMap(\.error).first
            if let thrown, recording.exception == nil { reasons.append(("a module threw \(thrown)", .note)) }
            if recording.calls.isEmpty { reasons.append(("no call of a model was recorded", .warning)) }
            for call in recording.calls.indices where recording.calls[call].modules.isEmpty {
                reasons.append(("call \(call) tells of no module, so nothing of it is compared", .warning))
            }
            if recordings[0].recording.calls.count != recording.calls.count {
                let count = recordingPairs.count { $0.left.recording == 0 && $0.right.recording == index }
                reasons.append(
                    (
                        "it has \(NumberText.count(recording.calls.count, "call")) and `\(recordings[0].label)` "
                            + "\(recordings[0].recording.calls.count), of which \(count) are compared", .note
                    ))
            }
            guard let severity = reasons.map(\.1).max() else { return [] }
            return [
                Finding(
                    code: .recordingIncomplete, severity: severity,
                    sentence: "`\(given.label)` does not show everything: \(NumberText.list(reasons.map(\.0))).",
                    remedy: severity == .note ? "" : "Record once more.")
            ]
        }
    }
}
