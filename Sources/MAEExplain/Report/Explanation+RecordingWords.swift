import MAERecording
import MAEText

extension GivenRecording {
    /// What the file is, in a line: `recording, 3 calls of 3 models, torch 2.13.0`.
    var summary: String {
        let torch = ["torch", "torch_version"].lazy.compactMap { recording.setting($0)?.string }.first
        let transformers = recording.setting("transformers")?.string
        return "recording, \(NumberText.count(recording.calls.count, "call")) of "
            + NumberText.count(recording.models.count, "model")
            + (torch.map { ", torch \($0)" } ?? "") + (transformers.map { ", transformers \($0)" } ?? "")
    }

    /// When it was recorded, in UTC; else when the file was written, in the local time zone.
    var written: String {
        if let started = recording.started { return String(started.prefix(64)) }
        return modified.map(ExplanationText.time) ?? ""
    }
}

extension RecordingPair {
    /// Why the two differ, in a few words.
    func words(_ explanation: Explanation) -> String {
        causes.map { words($0, explanation) }.filter { !$0.isEmpty }.joined(separator: "; ")
    }

    private func words(_ cause: Cause, _ explanation: Explanation) -> String {
        switch cause {
        case .none: return "equal, bit for bit"
        case .weights:
            let (others, missing) = (weights.differing.count, weights.oneSidedOfEncoder.count)
            return [
                others > 0 ? NumberText.count(others, "other tensor") : "",
                missing > 0 ? "\(NumberText.count(missing, "tensor")) on one side only" : "",
            ].filter { !$0.isEmpty }.joined(separator: ", ")
        case .weightsChanged: return "weights were written to in between"
        case .configuration: return "other settings: \(NumberText.list(configuration.map(\.name)))"
        case .input: return "other images"
        case .maskRatios:
            let ratios = [left, right].map { explanation.recordedCalls[$0]?.ratioText ?? "?" }
            return "mask_ratio \(ratios[0]) against \(ratios[1])"
        case .masks: return "another mask was drawn"
        case .maskMiscomputed: return "another mask of the same noise"
        case .order:
            return "the same tokens in another order"
                + (inOneOrder.map { "; in one order \(NumberText.short($0))" } ?? "")
        case .training: return "training mode with dropout"
        case .precision: return "other numbers of bits"
        case .module where causes.contains(.precision): return "more than \(precision.words) leaves"
        case .rounding: return "the order of PyTorch's sums"
        case .module: return first.map { _ in "begins in \(beginningWords)" } ?? "not explained"
        case .hidden:
            if final == .equal { return "other bits in \(beginningWords), the same output" }
            return "rounding in the output, more "
                + (hiddenStage.map { "after \($0.words) (\(NumberText.short($0.size)))" } ?? "in a block")
        case .notFinite: return "NaN or infinity, which agrees with nothing"
        case .unknown: return "nothing that both recorded can be compared"
        }
    }

    /// How the two compare in a column of a table: a figure, or what the digests say.
    var sizeWords: String {
        if let difference { return difference == 0 && final == .equal ? "equal" : NumberText.short(difference) }
        switch final {
        case .equal: return "equal"
        case .permuted: return "permuted"
        case .differs: return pooledDifference.map { "means \(NumberText.short($0))" } ?? "differs"
        case .unknown: return "-"
        }
    }
}
