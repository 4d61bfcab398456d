import MAECheckpoint
import MAEDomain
import MAEFormats
import MAERecording
import MAEText
import MAEVerify

extension Explanation {
    /// What there is to say of recordings.
    var recordingFindings: [Finding] {
        guard !recordings.isEmpty else { return [] }
        var causes: [RecordingPair.Cause] = [
            .weights, .weightsChanged, .configuration, .input, .maskRatios, .masks, .maskMiscomputed, .training,
            .precision, .module,
            .hidden,
            .order,
            .rounding,
        ]
        // Where all other weights may be rounded copies, the rounding is told first.
        let others = recordingPairs.filter { $0.causes.contains(.weights) }
        if !others.isEmpty, others.allSatisfy({ $0.cause == .precision }) {
            causes = [.precision] + causes.filter { $0 != .precision }
        }
        return recordedNotFinite + recordedWeightsUnlikeModels
            + causes.flatMap { cause -> [Finding] in
                let pairs = recordingPairs.filter { $0.causes.contains(cause) }
                return pairs.isEmpty ? [] : [finding(cause, pairs)]
            } + ownNoiseOfUnmasked + recordedRatiosUnlikeModels + recordedRunFindings + settingsFindings
            + uncomparedCalls + incompleteRecordings
    }

    /// Which calls are meant: their names, or where the first of many are.
    func names(_ pairs: [RecordingPair]) -> String {
        let involved = Set(pairs.flatMap { [$0.left, $0.right] }).sorted {
            ($0.recording, $0.call) < ($1.recording, $1.call)
        }
        guard involved.count > 4, let first = pairs.first else {
            return NumberText.list(involved.map { "`\(label($0))`" })
        }
        return "`\(label(first.left))` and `\(label(first.right))`"
    }

    /// Of many pairs, how many are concerned.
    func extent(_ pairs: [RecordingPair]) -> [String] {
        guard recordingPairs.count > 3, let first = pairs.first else { return [] }
        return [
            "\(pairs.count) of the \(recordingPairs.count) pairs of calls; the first is `\(label(first.left))` and "
                + "`\(label(first.right))`."
        ]
    }

    /// The largest difference of some pairs, as evidence.
    func sizes(_ pairs: [RecordingPair]) -> [String] {
        if let largest = pairs.compactMap(\.difference).filter(\.isFinite).max(), largest > 0 {
            return ["The final layer norms differ by up to \(NumberText.short(largest))."]
        }
        let means = pairs.compactMap(\.pooledDifference).filter { $0.isFinite && $0 > 0 }.max()
        return means.map { ["The means over the tokens differ by up to \(NumberText.short($0))."] } ?? []
    }

    /// Where the difference of the first pair begins, as evidence.
    func beginning(_ pair: RecordingPair) -> [String] {
        guard pair.first != nil else { return [] }
        let later =
            pair.laterBlocks > 0
            ? "; \(NumberText.count(pair.laterBlocks, "later block")) got other tokens already" : ""
        return ["The first module that differs, for the same input: \(pair.beginningWords)\(later)."]
    }

    private func words(_ differences: [SettingDifference], limit: Int = 6) -> String {
        NumberText.list(differences.map(\.words), limit: limit)
    }

    private func finding(_ cause: RecordingPair.Cause, _ pairs: [RecordingPair]) -> Finding {
        let pair = pairs[0]
        let (names, evidence) = (names(pairs), extent(pairs))
        switch cause {
        case .weights:
            let types = pair.modes.first { $0.name == "dtype of the weights" }
            let isCopy = pairs.allSatisfy(\.isRoundedCopy)
            return Finding(
                code: .weightsDiffer, severity: isCopy ? .warning : .error,
                sentence:
                    "The weights of `\(label(pair.left))` and `\(label(pair.right))` "
                    + (isCopy ? "have other digests, as copies that were rounded do: " : "are not the same: ")
                    + pair.weights.words
                    + (pair.weights.touchesEncoder || !pair.weights.oneSidedOfEncoder.isEmpty
                        ? "" : " The encoder's are equal."),
                evidence: evidence + beginning(pair) + sizes(pairs)
                    + (types.map { ["\($0.words)."] } ?? []) + redrawnDecoder(pair)
                    + (pair.weights.differing.isEmpty
                        ? []
                        : [
                            "By digests alone, a copy that was rounded is not told from other weights: give the checkpoints too."
                        ]),
                remedy: "Save the state dict of the model that is meant, and load it into the other.",
                python: "missing, unexpected = model.load_state_dict(state_dict)  # both must be empty")
        case .weightsChanged:
            return Finding(
                code: .weightsDiffer, severity: .error,
                sentence:
                    "\(names) differ, and weights were written to between the first call of their model and these: an optimizer's "
                    + "step, or a file that was loaded. What they were is not recorded.",
                evidence: evidence + beginning(pair) + sizes(pairs) + stepBefore(pair),
                remedy: "Record the calls in question in a recording each, which begins with digests of the weights.",
                python: "with mae_record.record(model, \"b.safetensors\"): model(pixels)")
        case .configuration:
            return Finding(
                code: .configurationDiffers, severity: .error,
                sentence:
                    "\(names) were computed with different settings of the encoder: \(words(pair.configuration)).",
                evidence: evidence + beginning(pair) + sizes(pairs), remedy: "Build the models from one configuration.")
        case .input:
            let shapes = [pair.left, pair.right].map {
                recordedCalls[$0]?.input.map { "\($0.shape) \($0.dtype)" } ?? "nothing"
            }
            return Finding(
                code: .inputDiffers, severity: .error,
                sentence: "\(names) were not given the same images: their SHA-256 differ"
                    + (shapes[0] == shapes[1] ? "." : " (\(shapes[0]) against \(shapes[1]))."),
                evidence: evidence + sizes(pairs), remedy: "Give both the same tensor.",
                python: "torch.save(pixels, \"pixels.pt\")  # once; then torch.load it in every program")
        case .maskRatios: return ratioFinding(pairs)
        case .masks:
            return Finding(
                code: .noiseNotShared, severity: .error,
                sentence:
                    "\(names) were computed with masks of their own: each forward call draws new noise, in eval mode too"
                    + draws(pairs) + ".",
                evidence: evidence + sizes(pairs),
                remedy: "Give every call the same noise, or set the seed before each.",
                python: PythonRemedy.sharedNoise(
                    images: recordedCalls[pair.left]?.input?.shape.first ?? images,
                    patches: recordedCalls[pair.left]?.patches))
        case .maskMiscomputed:
            return Finding(
                code: .maskMiscomputed, severity: .error,
                sentence:
                    "\(names) have the same noise, and other masks came of it: the sort or the gather of one is wrong.",
                evidence: evidence, remedy: "Compare `torch.argsort(noise, dim=1)` on both machines.",
                python: "torch.argsort(noise, dim=1)")
        case .training: return trainingFinding(pairs)
        case .precision:
            let modes = pair.modes.filter { $0.name == "autocast" || $0.name.hasPrefix("dtype of") }
            let tf32 = settings(of: pair).filter { $0.matters && $0.name.lowercased().contains("tf32") }
            return Finding(
                code: .precisionDiffers, severity: pairs.allSatisfy { $0.isRounding == true } ? .note : .error,
                sentence: "\(names) were computed in other numbers of bits: \(words(modes + tf32)).",
                evidence: evidence + beginning(pair) + sizes(pairs) + replayEvidence(pair),
                remedy: precisionRemedy(modes, hasTF32: !tf32.isEmpty).words,
                python: precisionRemedy(modes, hasTF32: !tf32.isEmpty).python)
        case .module: return moduleFinding(pairs)
        case .order: return orderFinding(pairs)
        case .rounding:
            let largest = pairs.compactMap(\.largest).max()
            let subject = pairs.contains { $0.difference == nil } ? "their means over the tokens agree" : "they agree"
            let modes = (pair.modes + settings(of: pair)).filter(\.matters)
            return Finding(
                code: .rounding, severity: .note,
                sentence: "\(names) are the same computation with its sums in another order: \(subject) to "
                    + "\(NumberText.short(largest ?? 0)), which is \(pair.precision.words) rounding.",
                evidence: evidence + beginning(pair) + unseenStages(pairs)
                    + (modes.isEmpty ? [] : ["What differs between them and can do that: \(words(modes))."]))
        case .hidden:
            return Finding(
                code: .hiddenDifference, severity: .warning,
                sentence: "`\(label(pair.left))` and `\(label(pair.right))` \(hiddenWords(pair)): what came after hid "
                    + "the difference.",
                evidence: evidence + replayEvidence(pair),
                remedy: replayEvidence(pair).isEmpty
                    ? "Record both with keep=\"blocks,input\" and give the checkpoint: then the side that is wrong is told."
                    : "Look at the side that is off.",
                python: replayEvidence(pair).isEmpty
                    ? "mae_record.record(model, \"a.safetensors\", keep=\"blocks,input\")  # on both sides" : nil)
        case .none, .notFinite, .unknown: preconditionFailure("is told in another way")
        }
    }

    /// What to do about fewer bits, by what takes them away.
    private func precisionRemedy(
        _ modes: [SettingDifference], hasTF32: Bool
    ) -> (words: String, python: String) {
        var (words, lines) = ([String](), [String]())
        if modes.contains(where: { $0.name == "autocast" }) {
            words.append("call the model outside of autocast")
            lines.append("with torch.autocast(pixels.device.type, enabled=False): model(pixels)")
        }
        // Under autocast outputs have fewer bits though weights have not.
        if modes.contains(where: { $0.name == "dtype of the weights" }) || modes.isEmpty && !hasTF32 {
            words.append("load the model in float32")
            lines.append("model = model.float()  # before the first call")
        }
        if hasTF32 {
            words.append("switch TF32 off")
            lines.append("torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = False")
        }
        if words.isEmpty {
            words.append("compute all in float32")
            lines.append("model(pixels.float())  # of a model in float32")
        }
        let text = NumberText.list(words)
        return (text.prefix(1).uppercased() + text.dropFirst() + ".", lines.joined(separator: "\n"))
    }

    /// What digests cannot tell of outputs that agree to rounding: how much larger the difference was before, as evidence.
    private func unseenStages(_ pairs: [RecordingPair]) -> [String] {
        guard let most = pairs.map(\.unseenStages).max(), most > 0 else { return [] }
        return [
            "\(most == 1 ? "One stage before them has" : "\(most) stages before them have") other bits and no values were kept of "
                + "\(most == 1 ? "it" : "them"): whether a larger difference was there, and a layer norm took it away, is not known. "
                + "keep=\"blocks,input\" tells."
        ]
    }

    /// What two calls have in common at the end, and what differs before.
    private func hiddenWords(_ pair: RecordingPair) -> String {
        if pair.final == .equal {
            return "have the same output and other bits in \(pair.beginningWords), for the same input"
        }
        let outputs = "have outputs that agree to \(NumberText.short(pair.largest ?? 0)), which is rounding, and "
        if let stage = pair.hiddenStage {
            return outputs + "differ by up to \(NumberText.short(stage.size)) after \(stage.words)"
        }
        return outputs + "a block that is wrong for the input that it was given"
    }

    /// What two versions of transformers make of one decoder.
    private func redrawnDecoder(_ pair: RecordingPair) -> [String] {
        let versions = [pair.left, pair.right].map {
            recordings[$0.recording].recording.setting("transformers")?.string?.prefix { $0 != "." } ?? ""
        }
        guard !pair.weights.touchesEncoder, versions[0] != versions[1] else { return [] }
        return [
            "transformers 4 does not know the names of a decoder that 5 saved, and draws those weights with no more than a warning: "
                + "`mae-coord checkpoint convert --to hub` writes names that both read."
        ]
    }

    /// Of two recordings, whether the calls before are equal still: then the step between made the difference.
    private func stepBefore(_ pair: RecordingPair) -> [String] {
        guard pair.left.recording != pair.right.recording, pair.left.call > 0,
            let before = recordingPairs.first(where: {
                $0.left == RecordedCallID(recording: pair.left.recording, call: pair.left.call - 1)
                    && $0.right == RecordedCallID(recording: pair.right.recording, call: pair.right.call - 1)
            }), before.causes == [.none]
        else { return [] }
        return ["The calls before them are equal, bit for bit: what was done to the weights in between is not."]
    }

    /// Which draws the noise of some calls is: ` (the first draw after …)`; empty where it is not known.
    func draws(_ pairs: [RecordingPair]) -> String {
        let involved = Set(pairs.flatMap { [$0.left, $0.right] }).sorted {
            ($0.recording, $0.call) < ($1.recording, $1.call)
        }
        let calls = involved.compactMap { recordedCalls[$0] }
        let origins = calls.compactMap(\.noise.origin)
        guard let first = origins.first else { return "" }
        if origins.count == calls.count, origins.allSatisfy({ $0.start == first.start }) {
            if origins.count > 4, let last = origins.last {
                return " (from the \(first.ordinal) to the \(last.ordinal) draw after \(first.start))"
            }
            return " (the \(NumberText.list(origins.map(\.ordinal), limit: 8)) draw after \(first.start))"
        }
        let known = calls.compactMap { call in
            call.noise.origin.map { "the \($0.ordinal) draw after \($0.start) for `\(label(call.id))`" }
        }
        return " (\(NumberText.list(known)))"
    }
}

extension RecordedCall {
    /// The mask ratio in effect as people read it.
    var ratioText: String { call.masking?.maskRatio.map(NumberText.short) ?? "unknown" }
}

extension RecordingPair {
    /// Number of blocks of the encoder that differ and were given other tokens already.
    var laterBlocks: Int { modules.count { $0.inherits && $0.left.role == .encoderBlock } }

    /// The chain of modules in which the difference begins: "encoder block 3, in `vit.layers.3.mlp.fc1`".
    var beginningWords: String {
        guard let first else { return "" }
        guard let stage = firstStage, stage.leftCall != first.leftCall else { return first.words }
        return "\(stage.words), in \(first.inputs == .unknown ? "or before " : "")\(first.words)"
    }
}

extension RecordedWeights.Difference {
    /// What differs: "1 tensor of 38, `…`." and what one side alone has.
    var words: String {
        func list(_ names: [String]) -> String { NumberText.list(TensorNames.sorted(names).map { "`\($0)`" }) }
        let some =
            differing.isEmpty
            ? [] : ["\(NumberText.count(differing.count, "tensor")) of \(shared), \(list(differing))"]
        let missing =
            oneSidedOfEncoder.isEmpty
            ? []
            : ["\(NumberText.count(oneSidedOfEncoder.count, "tensor")) on one side only, \(list(oneSidedOfEncoder))"]
        return (some + missing).joined(separator: "; ") + "."
    }
}

/// Names of tensors in an order that people expect.
enum TensorNames {
    /// The encoder's first, then by number and name: block 2 before block 10.
    static func sorted(_ names: [String]) -> [String] {
        names.sorted { left, right in
            let sides = [left, right].map(CanonicalNames.isOfEncoder)
            return sides[0] == sides[1] ? NaturalOrder.precedes(left, right) : sides[0]
        }
    }
}
