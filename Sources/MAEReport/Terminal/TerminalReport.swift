import MAEText
import MAEVerify

/// A verification as a person reads it in a terminal: verdict, matrix, findings.
public enum TerminalReport {
    /// More findings than this are counted, not shown.
    public static let mostFindings = 20

    /// Renders the whole report, ending in a newline.
    public static func render(
        _ verification: Verification, details: ReportDetails = ReportDetails(), style: TerminalStyle = TerminalStyle()
    ) -> String {
        var lines = heading(verification, style)
        if !details.drainedNodes.isEmpty {
            let names = details.drainedNodes.map(SafeText.terminal).joined(separator: ", ")
            lines.append(style.paint("told to drain: \(names)", .dim))
        }
        if let words = verification.comparison.circumstances.ending.words {
            lines.append(style.paint("ended early: \(words)", .yellow))
        }
        for text in CircumstanceWords.warnings(verification.comparison.circumstances) {
            lines += style.wrap(SafeText.terminal(text), first: "", indent: "  ").map { style.paint($0, .yellow) }
        }
        if let words = CircumstanceWords.counted(verification.comparison) {
            lines += style.wrap(words, first: "", indent: "  ").map { style.paint($0, .dim) }
        }
        if let words = CircumstanceWords.paces(verification.comparison) {
            lines += style.wrap(SafeText.terminal(words), first: "", indent: "  ").map { style.paint($0, .dim) }
        }
        let referee = verification.comparison.referee
        if let words = referee.words(verification.comparison.plan) {
            let isWrong = referee.checks.contains(where: \.isWrong)
            let lineStyle: TerminalStyle.Color = isWrong ? .red : .dim
            lines += style.wrap("\(referee.label): " + SafeText.terminal(words), first: "", indent: "  ").map {
                style.paint($0, lineStyle)
            }
        }
        if let baseline = details.baseline {
            let color: TerminalStyle.Color = baseline.changed > 0 ? .red : baseline.held == 0 ? .yellow : .dim
            lines += style.wrap("baseline: " + SafeText.terminal(baseline.words), first: "", indent: "  ").map {
                style.paint($0, color)
            }
        }
        let table = MatrixTable(verification)
        if !table.rows.isEmpty { lines += [""] + table.lines(style) }
        let told = verification.findings.filter { !isAside($0, in: verification) }
        if !told.isEmpty { lines += [""] + findings(told, style, replay: ReplayWords(verification, details)) }
        let aside = verification.findings.count - told.count
        if aside > 0 {
            let notes = NumberText.count(aside, "note")
            let text = "\(notes) of the checkpoint reader: --json and --html show them."
            lines += [""] + style.wrap(text, first: "", indent: "").map { style.paint($0, .dim) }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// Whether a finding is left to the other reports: which releases of transformers read a file, where nothing went wrong.
    private static func isAside(_ finding: Finding, in verification: Verification) -> Bool {
        verification.verdict.outcome == .agree && finding.severity == .note
            && finding.code == FindingCode.load("limited-readers")
    }

    private static func heading(_ verification: Verification, _ style: TerminalStyle) -> [String] {
        let plan = verification.comparison.plan
        let settings =
            [
                "run \(plan.run)", "seed \(plan.seed)",
                plan.batchWords,
                "noise \(plan.noise.rawValue)",
                "mask_ratio \(plan.maskRatioWords)",
            ] + (plan.images.map { ["\(NumberText.count($0.count, "image")) of \($0.path)"] } ?? [])
            + (plan.replicas.map { ["each batch on \($0) of \(plan.workers) nodes"] } ?? [])
        let (word, color): (String, TerminalStyle.Color) =
            switch verification.verdict.outcome {
            case .agree: ("AGREE", .green)
            case .disagree: ("DISAGREE", .red)
            case .incomplete: ("INCOMPLETE", .yellow)
            case .nothingCompared: ("NOTHING COMPARED", .yellow)
            }
        var lines = style.wrap(SafeText.terminal(verification.verdict.sentence), first: word + "  ", indent: "  ")
        lines[0] = style.paint(word, color) + lines[0].dropFirst(word.count)
        return lines
            + style.lines(of: settings.map(SafeText.terminal), apart: " · ").map { style.paint($0, .dim) }
    }

    /// Findings as a numbered list.
    package static func findings(
        _ findings: [Finding], _ style: TerminalStyle, title: String = "Findings", replay: ReplayWords = .none
    ) -> [String] {
        var lines = [style.paint(title, .bold)]
        for (index, finding) in findings.prefix(mostFindings).enumerated() {
            let color: TerminalStyle.Color =
                switch finding.severity {
                case .error: .red
                case .warning: .yellow
                case .note: .dim
                }
            let code = SafeText.terminal(finding.code)
            lines.append("\(index + 1). " + style.paint(finding.severity.rawValue, color) + " \(code)")
            lines += style.wrap(SafeText.terminal(finding.sentence), first: "   ", indent: "   ")
            for evidence in finding.evidence {
                lines += style.wrap(SafeText.terminal(evidence), first: "   - ", indent: "     ")
            }
            if !finding.remedy.isEmpty {
                lines += style.wrap(SafeText.terminal(finding.remedy), first: "   > ", indent: "     ")
            }
            // Not wrapped, so that it can be copied.
            if let python = finding.python { lines.append("     " + SafeText.terminal(python)) }
            if let line = replay.line(finding) { lines.append("   > " + SafeText.terminal(line)) }
        }
        if findings.count > mostFindings {
            lines.append("\(findings.count - mostFindings) further findings are in the JSON and HTML reports.")
        }
        if findings.contains(where: { $0.severity > .note }) {
            let words = "mae-coord runbook CODE says what each means and what to do first."
            lines += style.wrap(words, first: "", indent: "").map { style.paint($0, .dim) }
        }
        return lines
    }
}
