import MAEText
import MAEVerify

/// What every report for people says of a run apart from its results, in the same words.
enum CircumstanceWords {
    /// More nodes than this are summed up.
    private static let mostPaces = 6

    /// A line for each node that was lost, and for each peer that was turned away.
    static func warnings(_ circumstances: RunCircumstances) -> [String] {
        circumstances.lost.map { "lost: \($0.words)" } + circumstances.refused.map(turnedAway)
    }

    /// Who was turned away, how often and why.
    static func turnedAway(_ peer: RefusedPeer) -> String {
        let who = peer.peer.isEmpty ? " a peer that gave no name" : " \(peer.peer)"
        return "turned away\(who)\(peer.count > 1 ? " \(peer.count) times" : ""): \(peer.reason)"
    }

    /// What is only counted of a long run, as one or two sentences; nil where nothing is.
    static func counted(_ comparison: Comparison) -> String? {
        guard let counted = comparison.counted else { return nil }
        let batches = NumberText.count(counted.batches, "batch", "batches")
        let results = NumberText.count(counted.results, "result")
        var sentences: [String] = []
        if counted.batches > 0 {
            let fare =
                counted.disagreeing == 0
                ? "in each of them the results agree"
                : "results disagree in \(counted.disagreeing) of them, as in batches that are listed"
            sentences.append(
                "counted: \(batches) of \(comparison.batchCount) (\(results)) were compared and are only counted here; \(fare)."
            )
        }
        let missing = counted.missingResults
        if missing > 0 {
            sentences.append(
                "\(NumberText.count(missing, "further missing result")) \(missing == 1 ? "is" : "are") counted, and "
                    + "not named.")
        }
        return sentences.isEmpty ? nil : sentences.joined(separator: " ")
    }

    /// Who was quick and who slow: `pace: a 6 shards (50 %), 0.21 s each; …`; nil where no node told of time.
    static func paces(_ comparison: Comparison) -> String? {
        let paces = comparison.paces
        guard !paces.isEmpty else { return nil }
        guard paces.count > mostPaces else { return "pace: " + paces.map(words).joined(separator: "; ") }
        let sorted = paces.sorted { $0.medianSeconds < $1.medianSeconds }
        return
            "pace: \(paces.count) nodes; the quickest \(words(sorted[0])); the slowest \(words(sorted[sorted.count - 1]))"
    }

    private static func words(_ pace: NodePace) -> String {
        "\(pace.node) \(NumberText.count(pace.shards, "shard")) (\(percent(pace))), median \(NumberText.short(pace.medianSeconds)) s"
    }

    /// The share of a node, as `33 %`.
    static func percent(_ pace: NodePace) -> String { "\(Int((pace.share * 100).rounded())) %" }
}
