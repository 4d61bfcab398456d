import Foundation
import MAEStore
import MAETensor
import MAEText
import MAEVerify

/// The nights of one series, the earliest first.
public struct SeriesHistory: Sendable {
    /// One run.
    public struct Night: Sendable {
        /// Name of the run.
        public let run: String
        /// The date, or when it began.
        public let label: String
        /// When it began.
        public let started: Date
        /// How it ended; nil where it was not judged.
        public let ending: RunEnding?
        /// The verdict in one sentence; nil where there is none.
        public let sentence: String?
        /// Codes of findings that are more than notes, each once.
        public let findings: [String]
        /// Changes whenever the judgement does; nil where there is none.
        public let stamp: String?
        /// Largest error against float64, by what is off: a node, a class, or PyTorch on a node.
        public let errors: [String: Double]
    }

    /// Its name: what stands before the dates of its runs, or what they ask.
    public let title: String
    /// The nights.
    public let nights: [Night]
    /// The nodes, by name.
    public let nodes: [NodeHistory]
    /// The outputs that more than one night has.
    public let outputs: [OutputSeries]
    /// Digests of outputs, which entries refer to.
    public let digests: [SHA256Digest]
    /// What changed, in the order of nights.
    public let changes: [Change]
    /// The nights in which outputs changed or were divided.
    public let badNights: [BadNight]

    /// What a store without runs has.
    static let empty = SeriesHistory(
        title: "No runs yet", nights: [], nodes: [], outputs: [], digests: [], changes: [], badNights: [])

    /// The earliest night with other bits; nil where there is none.
    public var firstBadNight: BadNight? { badNights.first }

    /// Nodes that had bad nights and others, those with most bad nights first.
    public var flaky: [FlakyNode] {
        nodes.compactMap(FlakyNode.init).sorted { ($1.bad.count, $0.name) < ($0.bad.count, $1.name) }
    }

    /// How many nights at the end have one verdict; nil without nights.
    public var streak: (verdict: String, nights: Int)? {
        guard let last = nights.last else { return nil }
        let count = nights.reversed().prefix { $0.ending?.verdict == last.ending?.verdict }.count
        return (last.ending?.verdict ?? "not ended", count)
    }

    /// The longest streak of nights that agree.
    public var longestAgreement: Int {
        var (longest, current) = (0, 0)
        for night in nights {
            current = night.ending?.verdict == Verdict.Outcome.agree.rawValue ? current + 1 : 0
            longest = max(longest, current)
        }
        return longest
    }
}
