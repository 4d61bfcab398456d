import MAEText
import MAEVerify

/// What is said of a history, in any form of report.
enum HistoryWords {
    /// `kernel 6.1.0-17 → 6.1.0-18 on n03`.
    static func change(_ change: Change) -> String {
        let place = change.subject.map { " (\($0))" } ?? ""
        let nodes = change.nodes.isEmpty ? "" : " on \(NumberText.list(change.nodes, limit: 8))"
        return "\(change.what)\(place): \(change.from ?? "not set") → \(change.to ?? "not set")\(nodes)"
    }

    /// `Other bits than the night before on all nodes that agree` …, without the night.
    static func badNight(_ night: BadNight, _ series: SeriesHistory) -> String {
        let methods = NumberText.list(distinct(night.outputs.map { series.outputs[$0].method }), limit: 6)
        let batches = NumberText.count(
            distinct(night.outputs.map { series.outputs[$0].batch }).count, "batch", "batches")
        let place = "\(methods), \(batches)"
        switch night.kind {
        case .changed: return "most nodes give other bits than the night before (\(place))"
        case .divided:
            return
                "\(NumberText.list(night.nodes, limit: 8)) \(night.nodes.count == 1 ? "gives" : "give") other bits than "
                + "most nodes (\(place))"
        }
    }

    /// What is said of a series without bad nights: of the outputs, and of nights that count against a node all the same.
    static func noBadNight(_ series: SeriesHistory) -> String {
        func nights(_ state: NightState) -> [String] {
            series.nights.indices.reversed().compactMap { night in
                let names = series.nodes.filter { $0.states[night] == state }.map(\.name)
                return names.isEmpty ? nil : "\(series.nights[night].label) (\(NumberText.list(names, limit: 8)))"
            }
        }
        let lost = nights(.lost)
        let others = nights(.otherBits)
        let disagreeing = series.nights.reversed().filter {
            $0.ending?.verdict == Verdict.Outcome.disagree.rawValue
        }.map(\.label)
        let isCalm = lost.isEmpty && others.isEmpty
        if isCalm, series.nights.count < 2 { return "One night: the next one is set against it." }
        if isCalm, disagreeing.isEmpty { return "No bad night: every output that was computed again had its bits." }
        let all = NumberText.count(series.nights.count, "night")
        func sentence(_ what: String, _ nights: [String]) -> String? {
            guard !nights.isEmpty else { return nil }
            return "In \(nights.count) of \(all) \(what): \(NumberText.list(nights, limit: 4))."
        }
        return [
            "Every output that was computed again had its bits.",
            sentence("a node gave other bits than itself or the coordinator's machine", others),
            sentence("nodes lost work, were lost or never came", lost),
            sentence("the run itself ended with disagree, for a cause that its report names", disagreeing),
        ].compactMap(\.self).joined(separator: " ")
    }

    /// What changed with a bad night, a sentence for each; one that says so where nothing did.
    static func causes(_ night: BadNight, _ series: SeriesHistory) -> [String] {
        guard !night.changes.isEmpty else {
            return [
                night.kind == .divided
                    ? "Nothing that these nodes tell of their machines, builds, weights or settings changed that night."
                    : "Nothing that nodes and plan tell changed that night."
            ]
        }
        return night.changes.map { change(series.changes[$0]) }
    }

    /// `4 of 60 nights: 3 × other bits, 1 × lost; every night since 2026-10-20`.
    static func flaky(_ node: FlakyNode, _ series: SeriesHistory) -> String {
        let counts = [(node.otherBits, "other bits"), (node.lost, "lost")].filter { $0.0 > 0 }
            .map { "\($0.0) × \($0.1)" }
        return "\(node.bad.count) of \(NumberText.count(node.nights, "night")): \(counts.joined(separator: ", ")); "
            + pattern(node, series)
    }

    /// `every night since 2026-10-20`, or `now and then, last 2026-11-03`.
    static func pattern(_ node: FlakyNode, _ series: SeriesHistory) -> String {
        switch node.pattern {
        case .since(let night): "every night since \(series.nights[night].label)"
        case .nowAndThen: "now and then, last \(node.bad.last.map { series.nights[$0].label } ?? "")"
        }
    }

    /// Each once, in the order in which they first appear.
    static func distinct(_ texts: [String]) -> [String] {
        var seen: Set<String> = []
        return texts.filter { seen.insert($0).inserted }
    }
}
