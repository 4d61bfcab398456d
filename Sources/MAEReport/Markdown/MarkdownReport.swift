import MAEText
import MAEVerify

/// A verification in Markdown, for the page of a build: verdict, matrix, findings.
public enum MarkdownReport {
    /// Renders the document, ending in a newline.
    public static func render(_ verification: Verification) -> String {
        let plan = verification.comparison.plan
        let verdict = verification.verdict
        var blocks = [
            "## \(mark(verdict.outcome)) \(SafeText.markdown(verdict.outcome.rawValue.uppercased()))",
            SafeText.markdown(verdict.sentence),
            SafeText.markdown(
                "run \(plan.run) · seed \(plan.seed) · \(NumberText.count(plan.batches, "batch", "batches")) of "
                    + "\(plan.batchSize) · noise \(plan.noise.rawValue) · mask_ratio \(plan.maskRatioWords)"),
        ]
        let table = MatrixTable(verification)
        if !table.rows.isEmpty { blocks += [matrix(table), SafeText.markdown(table.legend.joined(separator: " · "))] }
        let findings = verification.findings
        if !findings.isEmpty { blocks.append("### Findings") }
        blocks += findings.prefix(TerminalReport.mostFindings).enumerated().map { finding($1, number: $0 + 1) }
        if findings.count > TerminalReport.mostFindings {
            blocks.append(
                "\(findings.count - TerminalReport.mostFindings) further findings are in the JSON and HTML reports.")
        }
        return blocks.joined(separator: "\n\n") + "\n"
    }

    /// Why there is no report, ending in a newline.
    public static func failure(_ message: String) -> String {
        "## ❌ FAILED\n\n\(SafeText.markdown(message))\n"
    }

    private static func mark(_ outcome: Verdict.Outcome) -> String {
        switch outcome {
        case .agree: "✅"
        case .disagree: "❌"
        case .incomplete, .nothingCompared: "⚠️"
        }
    }

    private static func matrix(_ table: MatrixTable) -> String {
        let heads = ["node", "class"] + table.methods
        let rows = table.rows.map { [$0.name, $0.numericClass] + $0.entries.map(\.marked) }
        func line(_ cells: [String]) -> String { "| " + cells.map(SafeText.markdown).joined(separator: " | ") + " |" }
        return ([line(heads), "|" + heads.map { _ in "---|" }.joined()] + rows.map(line)).joined(separator: "\n")
    }

    private static func finding(_ finding: Finding, number: Int) -> String {
        var lines = [
            "\(number). **\(finding.severity.rawValue)** \(SafeText.markdown(finding.code)): "
                + SafeText.markdown(finding.sentence)
        ]
        lines += finding.evidence.map { "   - \(SafeText.markdown($0))" }
        if !finding.remedy.isEmpty { lines.append("   - → \(SafeText.markdown(finding.remedy))") }
        return lines.joined(separator: "\n")
    }
}
