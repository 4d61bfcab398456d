import MAEText
import MAEVerify

extension Explanation {
    /// What there is to say of the person's own outputs.
    var outputFindings: [Finding] {
        let causes: [OutputPair.Cause] = [
            .models, .maskRatios, .masks, .precision, .reductions, .unknown, .order, .rounding,
        ]
        return ratiosUnlikeModels
            + causes.compactMap { cause in
                let pairs = outputPairs.filter { $0.cause == cause }
                return pairs.isEmpty ? nil : finding(cause, pairs)
            } + unrecognizedFindings
    }

    /// Outputs whose number of tokens none of the models that they could come from leaves.
    private var ratiosUnlikeModels: [Finding] {
        let odd = recognized.filter { identity in
            !models.contains { $0.group == identity.group && $0.keptCount == identity.kept }
        }
        guard let first = odd.first else { return [] }
        let names = NumberText.list(odd.map { "`\(outputs[$0.output].label)`" })
        return [
            Finding(
                code: "output-ratio-differs", severity: .error,
                sentence:
                    "\(names) keep \(first.kept) of \(first.patches) patches, which none of the models given does: your program "
                    + "sets another mask ratio than the files state.",
                remedy: "Say it with the file: FILE@mask_ratio=R.")
        ]
    }

    private var unrecognizedFindings: [Finding] {
        unrecognized.filter { outputs[$0.output].values.isFinite }.map { output in
            Finding(
                code: "output-unknown", severity: .warning,
                sentence: "`\(outputs[output.output].label)` was not recognized: \(output.reason).",
                evidence: output.closest.map { ["The closest differs by \(NumberText.short($0))."] } ?? [])
        }
    }

    private func finding(_ cause: OutputPair.Cause, _ pairs: [OutputPair]) -> Finding {
        let involved = Set(pairs.flatMap { [$0.left, $0.right] }).sorted()
        let names = NumberText.list(involved.map { "`\(outputs[$0].label)`" })
        let worst = pairs.compactMap(\.difference).max()
        let evidence = worst.map { ["Largest difference between two of them: \(NumberText.short($0))."] } ?? []
        let parts = involved.compactMap { index in identity(index).map { (outputs[index].label, $0) } }
        switch cause {
        case .masks:
            let draws = parts.compactMap { label, identity in
                identity.draw.map { "draw \($0) for `\(label)`" }
            }
            return Finding(
                code: "noise-not-shared", severity: .error,
                sentence:
                    "\(names) were computed with masks of their own: each forward call draws new noise, in eval mode "
                    + "too (\(NumberText.list(draws))).",
                evidence: evidence, remedy: "Give every call the same noise, or set the seed before each.",
                python: PythonRemedy.sharedNoise(images: images, patches: parts.first?.1.patches))
        case .maskRatios:
            let ratios = parts.map { label, identity in
                "\(NumberText.short(identity.maskRatio)) for `\(label)` (\(NumberText.count(identity.kept + 1, "token")))"
            }
            return Finding(
                code: "mask-ratio-differs", severity: .error,
                sentence: "\(names) were computed at different mask ratios: \(NumberText.list(ratios)).",
                evidence: evidence, remedy: "Set one ratio for all, after loading.",
                python: PythonRemedy.maskRatio(parts.first?.1.maskRatio))
        case .precision:
            return Finding(
                code: "precision-differs", severity: .error,
                sentence:
                    "\(names) are the same draw of the same model, but further apart than the order of fp32 sums leaves: "
                    + "some were computed in fewer bits (TF32, fp16, bf16), or with weights or settings that are almost the same.",
                evidence: evidence,
                remedy: "Compute all in float32; if that changes nothing, give the models that they came from.",
                python: "torch.backends.cuda.matmul.allow_tf32 = False; model = model.float()")
        case .models:
            let groups = parts.map { label, identity in
                "`\(label)` with those of \(NumberText.list(labels(ofGroup: identity.group)))"
            }
            return Finding(
                code: "models-differ", severity: .error,
                sentence: "\(names) were computed with different weights or settings: \(NumberText.list(groups)).",
                evidence: evidence)
        case .reductions:
            let ways = parts.map { label, identity in "`\(label)` is \(identity.reduction.words)" }
            return Finding(
                code: "reduction-differs", severity: .error,
                sentence: "\(names) are not made of the tokens in one way: \(NumberText.list(ways)).",
                evidence: evidence, remedy: "Save the same part of the output everywhere.")
        case .order:
            let sorted = pairs.compactMap(\.inOneOrder).max()
            return Finding(
                code: "permuted-tokens", severity: .note,
                sentence:
                    "\(names) hold the same tokens in different orders, for with mask_ratio 0 the noise still shuffles "
                    + "them" + (sorted.map { ": in one order they agree to \(NumberText.short($0))" } ?? "") + ".",
                evidence: evidence
                    + [
                        "Element by element, different patches stand side by side; what is left in one order is rounding."
                    ],
                remedy: "Compare in one order.", python: PythonRemedy.unshuffled)
        case .unknown:
            return Finding(
                code: "outputs-differ", severity: .error,
                sentence: "\(names) differ, and what they were computed with is not known of all of them.",
                evidence: evidence,
                remedy: "Give the models that they came from, and the seed or the images (--seed, --images).")
        case .rounding, .none, .notFinite:
            return Finding(
                code: "rounding", severity: .note,
                sentence: "\(names) are the same computation with its sums in another order: they agree to "
                    + "\(NumberText.short(worst ?? 0)), which is fp32 rounding.")
        }
    }
}

extension RecognizedOutput.Reduction {
    /// What it is, to stand after "is".
    var words: String {
        switch self {
        case .none: "all tokens"
        case .mean: "the mean over the tokens"
        case .cls: "the CLS token"
        }
    }
}
