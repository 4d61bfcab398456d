import MAERecording
import MAETensor
import MAEText
import MAEVerify

/// A saved output that is that of a recorded call.
public struct RecordedOutputMatch: Sendable, Hashable {
    /// Index of the output.
    public let output: Int
    /// The call.
    public let call: RecordedCallID
    /// How it was made of the call's final layer norm.
    public let reduction: RecognizedOutput.Reduction
    /// The largest difference.
    public let distance: Double

    /// How close it is.
    var words: String { distance == 0 ? "matches bit for bit" : "matches to \(NumberText.short(distance))" }
}

extension Explanation {
    /// The recorded call that an output is of; nil for none.
    func recordedOutput(_ index: Int) -> RecordedOutputMatch? { recordedOutputs.first { $0.output == index } }

    /// What an output is: `call 0, the mean over the tokens`.
    func words(_ match: RecordedOutputMatch) -> String {
        let way =
            switch match.reduction {
            case .none: "its final layer norm"
            case .mean: "the mean over its tokens"
            case .cls: "its CLS token"
            case .patchMean: "the mean over its patches' tokens, CLS left out"
            }
        return "\(label(match.call)), \(way)"
    }

    /// Looks for outputs among the final layer norms of recorded calls.
    mutating func matchOutputs(_ rounding: RoundingLimit) throws {
        guard !outputs.isEmpty else { return }
        var best: [Int: RecordedOutputMatch] = [:]
        for id in recordedIDs {
            guard let call = recordedCalls[id], let final = try call.finalTensor(), final.shape.count == 3 else {
                continue
            }
            for (index, output) in outputs.enumerated() where output.values.isFinite {
                let found: (RecognizedOutput.Reduction, Double)?
                if output.form == .tokens {
                    found = DifferenceMetrics(of: .layernorm, output.values, final, rtol: 0).map { (.none, $0.maximum) }
                } else if output.values.shape == [final.shape[0], final.shape[2]] {
                    found = OutputVectors.closest(output.values, to: final)
                } else {
                    found = nil
                }
                guard let (reduction, distance) = found,
                    distance <= rounding.limit(output.values, isMean: reduction.isMean, tokens: final.shape[1]),
                    distance < best[index]?.distance ?? .infinity
                else { continue }
                best[index] = RecordedOutputMatch(output: index, call: id, reduction: reduction, distance: distance)
            }
        }
        recordedOutputs = best.values.sorted { $0.output < $1.output }
    }
}
