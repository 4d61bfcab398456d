import MAEText
import MAEVerify

/// The thread's four causes, each with what in the explanations shows it.
public struct ThreadAnswer: Sendable {
    /// One cause.
    public struct Cause: Sendable, Hashable {
        /// What it is, in a sentence.
        public let sentence: String
        /// Whether the explanations show it.
        public let isShown: Bool
    }

    /// The causes, in the order in which the thread meets them.
    public let causes: [Cause]

    /// Looks for the causes in the explanations of the two scripts.
    public init(first: Explanation, second: Explanation) {
        func found(_ code: FindingCode, in explanation: Explanation) -> Finding? {
            explanation.findings.first { $0.has(code) }
        }
        let masks = first.outputPairs.filter { $0.cause == .masks }
        let order = second.outputPairs.filter { $0.cause == .order }
        let tensors = second.models.first?.fingerprints?.entries.count ?? 0
        let equal = second.weights.map { $0.groups.count == 1 } ?? false
        causes = [
            Cause(
                sentence:
                    "Every forward call draws a new random mask, in eval mode too: the outputs of the first script differ "
                    + "by up to \(NumberText.short(masks.compactMap(\.difference).max() ?? 0)).",
                isShown: !masks.isEmpty && found(.noiseNotShared, in: first) != nil),
            Cause(
                sentence:
                    "At mask_ratio 0 the noise still shuffles the tokens, so outputs 1 and 3 are only much more similar: "
                    + "in one order they agree to \(NumberText.short(order.compactMap(\.inOneOrder).max() ?? 0)), which is the "
                    + "order of fp32 sums.",
                isShown: !order.isEmpty && found(.permutedTokens, in: second) != nil),
            Cause(
                sentence: "….pth was saved and ….cpkt was loaded: an older file, which still says mask_ratio 0.75.",
                isShown: found(.staleFile, in: second) != nil && found(.maskRatioDiffers, in: second) != nil),
            Cause(
                sentence:
                    "The loop that compares the state dicts computes pvalue and tests value, which is left over from the "
                    + "loop before: it can find nothing. All \(tensors) tensors were compared here: equal.",
                isShown: equal),
        ]
    }
}
