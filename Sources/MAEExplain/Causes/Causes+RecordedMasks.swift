import MAECheckpoint
import MAEDomain
import MAEFormats
import MAERecording
import MAEText
import MAEVerify

extension Explanation {
    /// Calls that kept different numbers of patches.
    func ratioFinding(_ pairs: [RecordingPair]) -> Finding {
        let involved = Set(pairs.flatMap { [$0.left, $0.right] }).sorted {
            ($0.recording, $0.call) < ($1.recording, $1.call)
        }
        var sides: [(text: String, labels: [String])] = []
        for call in involved.compactMap({ recordedCalls[$0] }) {
            let text = "\(call.ratioText) (\(call.kept.map { NumberText.count($0 + 1, "token") } ?? "unknown"))"
            if let known = sides.firstIndex(where: { $0.text == text }) {
                sides[known].labels.append("`\(label(call.id))`")
            } else {
                sides.append((text, ["`\(label(call.id))`"]))
            }
        }
        let values = sides.map { "\($0.text) for \(NumberText.list($0.labels))" }
        // What was digested before an earlier call may have been written to since.
        let isOneModel = pairs.allSatisfy {
            $0.weights.isEqual && $0.weights.isEncoderEqual && !isLater($0.left) && !isLater($0.right)
        }
        return Finding(
            code: .maskRatioDiffers, severity: .error,
            sentence:
                "The mask ratio is not the same, so the encoder saw different patches: \(NumberText.list(values)).",
            evidence: extent(pairs) + sizes(pairs)
                + (isOneModel
                    ? [
                        "All \(pairs[0].weights.shared) weights are equal, so it is one model with two ratios: a file was loaded "
                            + "that was saved before the ratio was set, or it was not set after loading."
                    ] : []),
            remedy: "Set one ratio for all, after loading"
                + (isOneModel ? ", and look whether the path that is loaded is the one that was written last." : "."),
            python: PythonRemedy.maskRatio(
                involved.lazy.compactMap { recordedCalls[$0]?.call.masking?.maskRatio }.first))
    }

    /// Calls in which dropout was active.
    func trainingFinding(_ pairs: [RecordingPair]) -> Finding {
        let dropping = Set(pairs.flatMap { [$0.left, $0.right] }).filter { recordedCalls[$0]?.dropsOut ?? false }
            .sorted { ($0.recording, $0.call) < ($1.recording, $1.call) }
        let beganAlike = pairs.allSatisfy { pair in
            guard let left = recordedCalls[pair.left], let right = recordedCalls[pair.right] else { return false }
            return left.dropsOut && right.dropsOut && RecordingPair.beganAlike(left, right)
        }
        return Finding(
            code: FindingCode.load(CheckpointFinding.Code.trainingMode.rawValue), severity: .error,
            sentence:
                "\(NumberText.list(dropping.map { "`\(label($0))`" })) \(dropping.count == 1 ? "was" : "were") computed in "
                + "training mode with dropout, which "
                + (beganAlike
                    ? "may explain the difference or not: the generators began in the same state."
                    : "sets other values to zero in every call."),
            evidence: extent(pairs) + beginning(pairs[0]) + sizes(pairs),
            remedy: "Call eval() before the forward call.",
            python: "model.eval()")
    }

    /// Calls that hold the same tokens in different orders.
    func orderFinding(_ pairs: [RecordingPair]) -> Finding {
        let sorted = pairs.compactMap(\.inOneOrder).max()
        let means = pairs.compactMap(\.pooledDifference).max()
        return Finding(
            code: .permutedTokens, severity: .note,
            sentence:
                "\(names(pairs)) hold the same tokens in different orders, for with mask_ratio 0 the noise still shuffles them"
                + draws(pairs)
                + (sorted.map { ": in one order they agree to \(NumberText.short($0))" } ?? "") + ".",
            evidence: extent(pairs) + sizes(pairs)
                + (means.map { ["The means over the tokens agree to \(NumberText.short($0)), which is fp32 rounding."] }
                    ?? [])
                + permutedStages(pairs[0]),
            remedy: "Compare in the order of ids_restore; the rounding that is left only shared noise takes away.",
            python: PythonRemedy.unshuffled)
    }

    /// Up to where tokens are only permuted, and where rounding begins.
    private func permutedStages(_ pair: RecordingPair) -> [String] {
        guard let last = pair.modules.last(where: { $0.outputs == .permuted && $0.left.role != nil }) else { return [] }
        let first = pair.firstStage.map { "; from \($0.words) on, sums over the tokens round differently" } ?? ""
        return ["Up to \(last.words) every token is there bit for bit, in another place\(first)."]
    }

    /// Calls that masked nothing, or other shares, and still drew noise of their own: it does not show yet.
    var ownNoiseOfUnmasked: [Finding] {
        let pairs = recordingPairs.filter {
            $0.noise == .differs && ($0.causes.contains(.order) || $0.causes.contains(.maskRatios))
        }
        guard !pairs.isEmpty, !recordingPairs.contains(where: { $0.causes.contains(.masks) }) else { return [] }
        return [
            Finding(
                code: .noiseNotShared, severity: .note,
                sentence:
                    "Each forward call drew noise of its own, in eval mode too\(draws(pairs)). With mask_ratio 0 it only decides on "
                    + "the order of the tokens; at one other ratio for all, each call would mask other patches.",
                remedy: "Give every call the same noise, or set the seed before each.",
                python: PythonRemedy.sharedNoise(
                    images: recordedCalls[pairs[0].left]?.input?.shape.first ?? images,
                    patches: recordedCalls[pairs[0].left]?.patches))
        ]
    }
}
