import MAEReport
import MAEText

/// A history as a person reads it in a terminal.
public enum HistoryText {
    /// Most bad nights and nodes that are told one by one.
    private static let most = 8

    /// Renders the history, ending in a newline.
    public static func render(_ history: History, style: TerminalStyle = TerminalStyle()) -> String {
        guard !history.series.isEmpty else { return "no runs yet\n" }
        return history.series.map { lines($0, style).joined(separator: "\n") + "\n" }.joined(separator: "\n")
    }

    private static func lines(_ series: SeriesHistory, _ style: TerminalStyle) -> [String] {
        var lines = [style.paint(SafeText.terminal(series.title), .bold)]
        func add(_ text: String, indent: String = "") {
            lines += style.wrap(SafeText.terminal(text), first: indent, indent: indent + "  ")
        }
        let span = [series.nights.first, series.nights.last].compactMap { $0?.label }
        add(
            "\(NumberText.count(series.nights.count, "night")), \(HistoryWords.distinct(span).joined(separator: " to ")); "
                + "\(NumberText.count(series.nodes.count, "node"))")
        if let (verdict, nights) = series.streak {
            add(
                "last: \(verdict), for \(NumberText.count(nights, "night")) in a row; longest agreement: "
                    + "\(NumberText.count(series.longestAgreement, "night"))")
        }
        if let first = series.firstBadNight {
            lines.append("")
            lines.append(style.paint("First bad night: \(SafeText.terminal(series.nights[first.night].label))", .red))
        } else {
            let isCalm = !series.nodes.contains { $0.states.contains(where: \.isBad) }
            lines += style.wrap(SafeText.terminal(HistoryWords.noBadNight(series)), first: "", indent: "  ")
                .map { style.paint($0, isCalm ? .green : .yellow) }
        }
        for night in series.badNights.prefix(most) {
            add("\(series.nights[night.night].label): \(HistoryWords.badNight(night, series))", indent: "  ")
            for cause in HistoryWords.causes(night, series).prefix(most) { add(cause, indent: "    ") }
        }
        if series.badNights.count > most {
            add("… and \(series.badNights.count - most) further; --html and --json tell them all.", indent: "  ")
        }
        let flaky = series.flaky
        if !flaky.isEmpty { lines += ["", "Nodes with bad nights"] }
        for node in flaky.prefix(most) { add("\(node.name): \(HistoryWords.flaky(node, series))", indent: "  ") }
        if flaky.count > most { add("… and \(flaky.count - most) further.", indent: "  ") }
        return lines
    }
}
