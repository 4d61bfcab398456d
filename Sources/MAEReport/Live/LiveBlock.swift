import MAEText

/// A run while it goes on, in a few lines of a terminal.
public enum LiveBlock {
    /// Nodes that have a line together; more are only counted.
    private static let mostNodes = 6
    /// Batches that disagree and have a line.
    private static let mostDisagreements = 3

    /// At most `height` lines, each of less than `width` columns: the last column stays empty, since a character there may wrap.
    ///
    /// Colors take no columns. Text of peers and files has no control characters in it.
    public static func lines(_ run: LiveRun, width: Int, height: Int, style: TerminalStyle) -> [String] {
        let room = max(width - 1, 1)
        func line(_ text: String, _ color: TerminalStyle.Color? = nil) -> String {
            let text = SafeText.terminal(text).fitted(to: room)
            return color.map { style.paint(text, $0) } ?? text
        }
        var lines = [line(heading(run), .bold), line(run.nodeWords)]
        if run.methods.count > 1 {
            lines.append(line(run.methods.map { "\($0.label) \($0.work.count)" }.joined(separator: " · ")))
        }
        let present = run.nodes.filter(\.isPresent)
        if !present.isEmpty, present.count <= mostNodes {
            lines.append(line(present.map { "\($0.name): \($0.activity)" }.joined(separator: " · "), .dim))
        }
        for node in run.nodes.filter({ !$0.isPresent }).prefix(2) {
            lines.append(line("\(node.name): \(node.activity)", .yellow))
        }
        let told = run.disagreements.prefix(mostDisagreements)
        lines += told.map { line("differs: \($0.words)", .red) }
        let rest = run.disagreeingBatches - told.count
        if rest > 0 {
            lines.append(line("differs: \(NumberText.count(rest, "further batch", "further batches"))", .red))
        }
        // What is cut off first is what was found later.
        return Array(lines.prefix(max(height - 1, 1)))
    }

    /// `13 of 36 results · 4.2 results/s · about 6 s left`.
    private static func heading(_ run: LiveRun) -> String {
        ([run.state]
            + [
                run.work.perSecond.map(LiveWords.rate), run.secondsLeft.map { "about \(LiveWords.span($0)) left" },
            ].compactMap(\.self)).joined(separator: " · ")
    }
}
