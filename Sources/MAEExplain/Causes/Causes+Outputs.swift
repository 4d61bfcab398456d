import MAEText
import MAEVerify

extension Explanation {
    /// What there is to say of the person's own outputs.
    var outputFindings: [Finding] {
        let causes: [OutputPair.Cause] = [
            .models, .maskRatios, .masks, .precision, .reductions, .unknown, .reduced, .order, .rounding,
        ]
        return ratiosUnlikeModels
            + causes.compactMap { cause in
                // Why two recorded calls differ is told of the calls.
                let pairs = outputPairs.filter { pair in
                    pair.causes.contains(cause)
                        && (cause != .unknown || recordedOutput(pair.left) == nil || recordedOutput(pair.right) == nil)
                }
                return pairs.isEmpty ? nil : finding(cause, pairs)
            } + ambiguousFindings + unrecognizedFindings + unlikeRecordings + leftOutFindings
    }

    /// Outputs that fit the weights of several models about equally.
    private var ambiguousFindings: [Finding] {
        recognized.filter { !$0.rivals.isEmpty }.map { identity in
            let candidates = [(identity.group, identity.distance)] + identity.rivals.map { ($0.group, $0.distance) }
            let names = candidates.map { group, distance in
                "\(NumberText.list(labels(ofGroup: group).map { "`\($0)`" })) (\(NumberText.short(distance)))"
            }
            let distinctions = identity.rivals.compactMap { distinction(identity.group, $0.group) }
            let settings = distinctions.filter { !$0.hasOtherWeights }.map(\.settingsWords)
            return Finding(
                code: .modelAmbiguous, severity: .warning,
                sentence:
                    "`\(outputs[identity.output].label)` fits \(NumberText.list(names)) about equally, so which of them "
                    + "it came from cannot be told"
                    + (settings.isEmpty
                        ? "."
                        : ": where the weights are equal, \(NumberText.list(settings)) can hardly be seen in it."),
                remedy: settings.count == distinctions.count
                    ? "Give only the model that it came from."
                    : "Compute it once more in float32, or give only the model that it came from.")
        }
    }

    /// What the models of two groups differ in; nil for groups that no model is in.
    private func distinction(_ group: Int, _ other: Int) -> ModelDistinction? {
        guard let one = models.first(where: { $0.group == group }),
            let two = models.first(where: { $0.group == other })
        else { return nil }
        return ModelDistinction(one, two)
    }

    /// What transformers returns next to the encoder's output.
    private var leftOutFindings: [Finding] {
        leftOut.map { file in
            Finding(
                code: .outputParts, severity: .note,
                sentence:
                    "Of `\(file.label)` some fields are no output of the encoder and were left out: \(file.words).",
                remedy: file.parts.contains(.hiddenStates)
                    ? "Hidden states are compared after the final layer norm: save last_hidden_state." : "")
        }
    }

    /// Outputs next to recordings that no recorded call gave, where no model is there to recognize them.
    private var unlikeRecordings: [Finding] {
        guard !recordings.isEmpty, models.isEmpty else { return [] }
        return outputs.indices.filter { recordedOutput($0) == nil && outputs[$0].values.isFinite }.map { index in
            Finding(
                code: .outputUnknown, severity: .warning,
                sentence:
                    "`\(outputs[index].label)` is neither the final layer norm of a recorded call nor made of one, as far as those were "
                    + "kept.",
                remedy: "Record the call that it came from.")
        }
    }

    private var unrecognizedFindings: [Finding] {
        let unknown = unrecognized.filter { outputs[$0.output].values.isFinite && recordedOutput($0.output) == nil }
        // What the program may have done is the same for all of them.
        let first = unknown.first { $0.triedDraws }?.output
        return unknown.map { output in
            let program = output.output == first ? UnseededProgram(output, in: self) : nil
            return Finding(
                code: .outputUnknown, severity: .warning,
                sentence: "`\(outputs[output.output].label)` was not recognized: \(output.reason).",
                evidence: (output.closest.map { ["The closest differs by \(NumberText.short($0))."] } ?? [])
                    + (program?.evidence ?? []), remedy: program?.remedy ?? "", python: program?.python)
        }
    }

    private func finding(_ cause: OutputPair.Cause, _ pairs: [OutputPair]) -> Finding {
        let involved = Set(pairs.flatMap { [$0.left, $0.right] }).sorted()
        let names = NumberText.list(involved.map { "`\(outputs[$0].label)`" })
        let worstPair = pairs.max { ($0.difference ?? 0) < ($1.difference ?? 0) }
        let worst = worstPair?.difference
        let evidence =
            (worst.map { ["Largest difference between two of them: \(NumberText.short($0))."] } ?? [])
            + (worstPair?.shares.map { [$0.words] } ?? [])
        let parts = involved.compactMap { index in identity(index).map { (outputs[index].label, $0) } }
        switch cause {
        case .masks:
            let draws = parts.compactMap { label, identity in
                identity.noise.map { "\($0.words) for `\(label)`" }
            }
            return Finding(
                code: .noiseNotShared, severity: .error,
                sentence:
                    "\(names) were computed with masks of their own: each forward call draws new noise, in eval mode "
                    + "too (\(NumberText.list(draws))).",
                evidence: evidence, remedy: "Give every call the same noise, or set the seed before each.",
                python: PythonRemedy.sharedNoise(images: images, patches: parts.first?.1.patches))
        case .maskRatios:
            let ratios = parts.map { label, identity in
                "\(ratioText(identity)) for `\(label)` (\(NumberText.count(identity.kept + 1, "token")))"
            }
            return Finding(
                code: .maskRatioDiffers, severity: .error,
                sentence: "\(names) were computed at different mask ratios: \(NumberText.list(ratios)).",
                evidence: evidence, remedy: "Set one ratio for all, after loading.",
                python: PythonRemedy.maskRatio(parts.first?.1.maskRatio))
        case .precision:
            return Finding(
                code: .precisionDiffers, severity: .error,
                sentence:
                    "\(names) are the same draw of the same model, but further apart than the order of fp32 sums leaves: "
                    + "some were computed in fewer bits (TF32, fp16, bf16), or with weights or settings that are almost the same.",
                evidence: evidence,
                remedy: "Compute all in float32; if that changes nothing, give the models that they came from.",
                python: "torch.backends.cuda.matmul.allow_tf32 = False; model = model.float()")
        case .models:
            let groups = parts.map { label, identity in
                "`\(label)` with those of \(NumberText.list(identity.groups.flatMap { labels(ofGroup: $0) }))"
            }
            let kinds = Set(
                pairs.compactMap { pair in
                    identity(pair.left).flatMap { one in
                        identity(pair.right).flatMap { distinction(one.group, $0.group)?.words }
                    }
                })
            return Finding(
                code: .modelsDiffer, severity: .error,
                sentence:
                    "\(names) were computed with different \(kinds.count == 1 ? kinds.joined() : "weights or settings"): "
                    + "\(NumberText.list(groups)).",
                evidence: evidence)
        case .reductions:
            let ways = parts.map { label, identity in "`\(label)` is \(identity.reductionWords)" }
            return Finding(
                code: .reductionDiffers, severity: .error,
                sentence: "\(names) are not made of the tokens in one way: \(NumberText.list(ways)).",
                evidence: evidence, remedy: "Save the same part of the output everywhere.")
        case .reduced:
            let left = pairs.compactMap(\.afterReducing).max()
            return Finding(
                code: .reductionDiffers, severity: .note,
                sentence:
                    "\(names) are the same outputs, some as all tokens and some made of them: made alike, they agree"
                    + (left.map { $0 == 0 ? " bit for bit." : " to \(NumberText.short($0)), which is fp32 rounding." }
                        ?? "."))
        case .order:
            let sorted = pairs.compactMap(\.inOneOrder).max()
            return Finding(
                code: .permutedTokens, severity: .note,
                sentence:
                    "\(names) hold the same tokens in different orders, for with mask_ratio 0 the noise still shuffles "
                    + "them" + (sorted.map { ": in one order they agree to \(NumberText.short($0))" } ?? "") + ".",
                evidence: evidence
                    + [
                        "Element by element, different patches stand side by side; what is left in one order is rounding."
                    ],
                remedy: Self.oneOrder(prediction?.rounding), python: PythonRemedy.unshuffled)
        case .unknown:
            return Finding(
                code: .outputsDiffer, severity: .error,
                sentence: "\(names) differ, and what they were computed with is not known of all of them.",
                evidence: evidence,
                remedy: "Give the models that they came from, and the seed or the images (--seed, --images).")
        case .rounding, .none, .notFinite:
            return Finding(
                code: .rounding, severity: .note,
                sentence: "\(names) are the same computation with its sums in another order: they agree to "
                    + "\(NumberText.short(worst ?? 0)), which is fp32 rounding.")
        }
    }
}

extension RecognizedOutput {
    /// How vectors were made, to stand after "is".
    var reductionWords: String {
        let words =
            switch reduction {
            case .none: "all tokens"
            case .mean: "the mean over the tokens"
            case .cls: "the CLS token"
            case .patchMean: "the mean over the patches' tokens, CLS left out"
            }
        return isNormalized ? words + ", divided by its length" : words
    }
}
