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
