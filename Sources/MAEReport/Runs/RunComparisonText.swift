import MAEText
import MAEVerify

/// Two runs side by side, as a person reads it in a terminal.
public enum RunComparisonText {
    /// Renders the comparison, ending in a newline.
    public static func render(_ runs: RunComparison, style: TerminalStyle = TerminalStyle()) -> String {
        var lines = [SafeText.terminal("run \(runs.later.run), set against run \(runs.earlier.run)"), ""]
        if !runs.entries.isEmpty { lines += table(runs) + [""] }
        let changes = runs.changes
        for sentence in changes { lines += style.wrap(SafeText.terminal(sentence), first: "", indent: "  ") }
        let color: TerminalStyle.Color =
            switch runs.outcome {
            case .same, .withinTolerance: .green
            case .different, .nodesChanged: .red
            case .nothingInCommon: .yellow
            }
        let word = RunComparisonWords.outcome(runs).split(separator: ":", maxSplits: 1)
        if !changes.isEmpty || runs.entries.isEmpty { lines.append("") }
        lines += [
            style.paint(String(word[0]).uppercased(), color) + SafeText.terminal(word.count > 1 ? " " + word[1] : "")
        ]
        return lines.joined(separator: "\n") + "\n"
    }

    private static func table(_ runs: RunComparison) -> [String] {
        var table = TextTable(rightAligned: [])
        table.add("method", "batches", "against \(runs.earlier.run)")
        for group in RunComparisonWords.groups(runs) {
            table.add(
                SafeText.terminal(group.method), NumberText.ranges(group.batches), SafeText.terminal(group.words))
        }
        return table.text(indentation: 0).split(separator: "\n", omittingEmptySubsequences: true).map(String.init)
    }
}
