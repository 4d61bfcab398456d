import MAEReport
import MAEText
import MAEVerify

/// What the template shows of some nights of a series: its properties are the names in `series.mustache`.
struct SeriesPage {
    struct Link {
        let address, text: String
    }

    struct BadNightEntry {
        let tag, address, night, sentence: String
        let causes: [String]
    }

    struct RibbonEntry {
        let batch: String
        let names: [String]
        let picture: String
    }

    struct LegendEntry {
        let kind, letter, words: String
    }

    struct FlakyEntry {
        let node, nights, otherBits, lost, pattern: String
    }

    struct Chart {
        let caption, picture: String
    }

    struct Name {
        let kind, name: String
    }

    struct Drift {
        let picture: String
        let names: [Name]
    }

    struct ChangeEntry {
        let address, night, what, from, to, nodes: String
    }

    struct NightEntry {
        let night, verdict, kind, findings, began, run: String
        let address: String?
    }

    /// Most cards, and most rows of changes, on a page.
    private static let mostBadNights = 20, mostChanges = 300

    let title, verdict, sentence, facts: String
    let links: [Link]
    let hasLinks: Bool
    let badNights: [BadNightEntry]
    let hasBadNights: Bool
    let furtherBadNights: Int?
    let ribbons: [RibbonEntry]
    let hasOutputs: Bool
    let nodes: [String]
    let grid: String
    let hasNodes: Bool
    let legend: [LegendEntry]
    let flaky: [FlakyEntry]
    let hasFlaky: Bool
    let steps: [Chart], speed: [Chart]
    let hasSteps: Bool, hasSpeed: Bool
    let drift: Drift?
    let changes: [ChangeEntry]
    let hasChanges: Bool
    let furtherChanges: Int?
    let nights: [NightEntry]

    /// A page of the nights `window` of a series; `address` is where the page of a run is, seen from this one.
    init(_ series: SeriesHistory, _ window: Range<Int>, links: [Link], address: (SeriesHistory.Night) -> String?) {
        let scale = NightScale(labels: series.nights[window].map(\.label))
        func place(_ night: Int) -> String { address(series.nights[night]) ?? "#" }
        title = series.title
        self.links = links
        hasLinks = !links.isEmpty
        (verdict, sentence, facts) = Self.banner(series, window)

        let bad = series.badNights.filter { window.contains($0.night) }
        badNights = bad.prefix(Self.mostBadNights).map { night in
            BadNightEntry(
                tag: night == series.firstBadNight ? "first bad night" : "bad night", address: place(night.night),
                night: series.nights[night.night].label,
                sentence: "From \(series.nights[night.night].label) on, \(HistoryWords.badNight(night, series)).",
                causes: HistoryWords.causes(night, series))
        }
        hasBadNights = !bad.isEmpty
        furtherBadNights = bad.count > Self.mostBadNights ? bad.count - Self.mostBadNights : nil

        ribbons = Self.ribbons(series, window, bad, scale)
        hasOutputs = !ribbons.isEmpty
        let shown = series.nodes.map { $0.part(window) }.filter { $0.states.contains { $0 != .notRun } }
        nodes = shown.map(\.name)
        grid = NightGrid.picture(shown, scale)
        hasNodes = !shown.isEmpty
        legend =
            NightState.allCases.filter { $0 != .notRun }.map {
                LegendEntry(kind: $0.kind, letter: String($0.rawValue), words: $0.words)
            } + [LegendEntry(kind: "none", letter: "", words: "empty: \(NightState.notRun.words)")]
        flaky = series.flaky.map {
            FlakyEntry(
                node: $0.name, nights: "\($0.bad.count) of \($0.nights)", otherBits: "\($0.otherBits)",
                lost: "\($0.lost)", pattern: HistoryWords.pattern($0, series))
        }
        hasFlaky = !flaky.isEmpty

        let charts = shown.flatMap { Self.charts($0, scale.labels) }
        steps = charts.filter(\.hasStep).map(\.chart)
        hasSteps = !steps.isEmpty
        speed = charts.map(\.chart)
        hasSpeed = !speed.isEmpty
        drift = Self.drift(series, window, scale.labels)

        let changed = series.changes.filter { window.contains($0.night) }
        changes = changed.suffix(Self.mostChanges).reversed().map { change in
            ChangeEntry(
                address: place(change.night), night: series.nights[change.night].label,
                what: change.what + (change.subject.map { " (\($0))" } ?? ""), from: change.from ?? "not set",
                to: change.to ?? "not set", nodes: NumberText.list(change.nodes, limit: 12))
        }
        hasChanges = !changes.isEmpty
        furtherChanges = changed.count > Self.mostChanges ? changed.count - Self.mostChanges : nil
        nights = series.nights[window].reversed().map { NightEntry($0, address($0)) }
    }

    private static func banner(
        _ series: SeriesHistory, _ window: Range<Int>
    ) -> (verdict: String, sentence: String, facts: String) {
        let labels = series.nights[window].map(\.label)
        let facts = [
            NumberText.count(series.nights.count, "night"),
            window.count < series.nights.count ? "\(window.count) of them here" : nil,
            labels.first.flatMap { first in labels.last.map { first == $0 ? first : "\(first) to \($0)" } },
            NumberText.count(series.nodes.count, "node"),
            "longest agreement \(NumberText.count(series.longestAgreement, "night"))",
        ].compactMap(\.self).joined(separator: " · ")
        guard let streak = series.streak else { return ("", "The store has no runs yet.", "") }
        let last = "Last verdict: \(streak.verdict), for \(NumberText.count(streak.nights, "night")) in a row. "
        let first =
            series.firstBadNight.map { "First bad night: \(series.nights[$0.night].label)." }
            ?? HistoryWords.noBadNight(series)
        return (streak.verdict, last + first, facts)
    }

    private static func ribbons(
        _ series: SeriesHistory, _ window: Range<Int>, _ bad: [BadNight], _ scale: NightScale
    ) -> [RibbonEntry] {
        let parts = series.outputs.indices.map { (number: $0, output: series.outputs[$0].part(window)) }
            .filter { $0.output.entries.contains { $0 != nil } }
        let batches = HistoryWords.distinct(parts.map(\.output.batch))
        return batches.map { batch in
            let rows = parts.filter { $0.output.batch == batch }
            let numbers = Set(rows.map(\.number))
            let nights = bad.filter { !numbers.isDisjoint(with: $0.outputs) }.map(\.night)
            let first = series.firstBadNight.map(\.night).flatMap { nights.contains($0) ? $0 - window.lowerBound : nil }
            return RibbonEntry(
                batch: batch, names: rows.map(\.output.method),
                picture: Ribbon.picture(
                    rows.map(\.output), series.digests, Set(nights).sorted().map { $0 - window.lowerBound },
                    first: first,
                    scale))
        }
    }

    /// The charts of a node, and whether each shows a step.
    private static func charts(_ node: NodeHistory, _ labels: [String]) -> [(chart: Chart, hasStep: Bool)] {
        [("forward", node.forward), ("load", node.load)].compactMap { what, values in
            let steps = RobustStep.all(values)
            let caption = "\(node.name), \(what), s"
            let picture = LinePlot().picture(
                [LinePlot.Line(name: node.name, values: values, steps: steps)], labels, label: caption)
            guard !picture.isEmpty else { return nil }
            let words = steps.map { "; \(LinePlot.words($0, labels))" }.joined()
            return (Chart(caption: caption + words, picture: picture), !steps.isEmpty)
        }
    }

    private static func drift(_ series: SeriesHistory, _ window: Range<Int>, _ labels: [String]) -> Drift? {
        let nights = series.nights[window]
        let names = Set(nights.flatMap(\.errors.keys)).sorted(by: NaturalOrder.precedes)
        let lines = names.prefix(Ribbon.colors).map { name in
            LinePlot.Line(name: name, values: nights.map { $0.errors[name] })
        }
        let picture = LinePlot(isLogarithmic: true).picture(lines, labels, label: "error against float64 by nights")
        guard !picture.isEmpty else { return nil }
        return Drift(
            picture: picture, names: lines.enumerated().map { Name(kind: "l\($0.offset)", name: $0.element.name) })
    }
}

extension SeriesPage.NightEntry {
    fileprivate init(_ night: SeriesHistory.Night, _ address: String?) {
        self.night = night.label
        verdict = night.ending?.verdict ?? "not ended"
        kind =
            switch night.ending?.verdict {
            case Verdict.Outcome.agree.rawValue: "identical"
            case Verdict.Outcome.disagree.rawValue: "differs"
            case nil: "none"
            default: "lost"
            }
        findings = night.findings.joined(separator: ", ")
        began = LocalTime.text(night.started.timeIntervalSince1970)
        run = night.run
        self.address = address
    }
}

extension NodeHistory {
    /// The node in some of the nights.
    func part(_ window: Range<Int>) -> NodeHistory {
        var part = NodeHistory(name: name, nights: window.count)
        part.states = Array(states[window])
        (part.forward, part.load) = (Array(forward[window]), Array(load[window]))
        for night in window { part.remarks[night - window.lowerBound] = remarks[night] }
        return part
    }
}

extension OutputSeries {
    /// The output in some of the nights.
    func part(_ window: Range<Int>) -> OutputSeries {
        OutputSeries(method: method, batch: batch, entries: Array(entries[window]))
    }
}
