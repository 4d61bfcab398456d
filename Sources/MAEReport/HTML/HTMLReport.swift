import MAEText
import MAEVerify

/// A verification as one HTML page that needs nothing else: no script, no font, no picture from outside.
public enum HTMLReport {
    /// Pairs beyond this number are left out of the table, agreeing ones first.
    public static let mostPairs = 200
    /// The same in a long run, of which some results are only counted.
    static let mostPairsOfLongRun = 100

    /// Renders the page.
    public static func render(_ verification: Verification, details: ReportDetails = ReportDetails()) -> String {
        let comparison = verification.comparison
        let title = "\(verification.verdict.outcome.title) · run \(comparison.plan.run)"
        let partings = BitGroups(comparison).partings
        // What is wrong and what shows it, then who agrees with whom, then where it starts, then everything else.
        let parts =
            [
                banner(verification, details),
                findings(verification.findings, replay: ReplayWords(verification, details)), masks(details.masks),
                matrix(verification), groups(partings), LayerStrip.section(comparison, partings),
                DifferencePlot.section(comparison),
            ]
            + [PairMap.section(comparison), pairs(comparison), referee(comparison)]
            + [nodes(comparison), configurations(comparison), settings(comparison.plan, details)]
        return HTMLPage.render(title: title, parts: parts)
    }

    private static func banner(_ verification: Verification, _ details: ReportDetails) -> String {
        let outcome = verification.verdict.outcome
        let plan = verification.comparison.plan
        let facts = [
            "run \(plan.run)", details.startedAtSeconds.map(LocalTime.textWithZone) ?? details.startedAt,
            details.seconds.map { "\(NumberText.short($0)) s" },
            NumberText.count(verification.comparison.resultCount, "result"),
            NumberText.count(verification.comparison.pairCount, "pair"),
            "\(verification.comparison.nodes.count) of \(NumberText.count(plan.workers, "expected worker"))",
            verification.comparison.circumstances.ending.words.map { "ended early: \($0)" },
        ].compactMap { $0 }
        let drained = details.drainedNodes
        let lines =
            (drained.isEmpty ? [] : ["told to drain: \(drained.joined(separator: ", "))"])
            + CircumstanceWords.warnings(verification.comparison.circumstances)
            + [CircumstanceWords.counted(verification.comparison), details.baseline.map { "baseline: \($0.words)" }]
            .compactMap(\.self)
        let told = lines.map { "<p class=\"facts\">\(prose($0))</p>" }
        return """
            <header class="banner \(outcome.rawValue)">
            <h1>\(outcome.title)</h1>
            <p class="sentence">\(sentence(verification))</p>
            <p class="facts">\(SafeText.markup(facts.joined(separator: " · ")))</p>
            \(told.joined(separator: "\n"))
            </header>
            """
    }

    /// What the run came to.
    ///
    /// A cause is named by its code: its words stand in the first of the findings, just below.
    private static func sentence(_ verification: Verification) -> String {
        let causes = Verdict.causes(verification.findings)
        guard let extent = verification.verdict.extent, let first = causes.first else {
            return prose(verification.verdict.sentence)
        }
        let others = causes.count > 1 ? ", and \(NumberText.count(causes.count - 1, "further one"))" : ""
        return prose("\(extent). Cause: `\(first.code)`\(others).")
    }

    private static func masks(_ masks: [PatchGrid]) -> String {
        PatchGrid.section(
            "Which patches were kept of the first image", masks,
            note:
                "Drawn again on the coordinator's machine, and shown where their digest is the one that the node sent.")
    }

    /// Findings as cards, mere notes folded below them; empty without any.
    package static func findings(_ findings: [Finding], replay: ReplayWords = .none) -> String {
        let cards = findings.filter { $0.severity > .note }.map { card($0, replay) }
        let notes = findings.filter { $0.severity == .note }.map { card($0, replay) }
        var parts: [String] = []
        if !cards.isEmpty { parts.append("<h2>Findings</h2>\n\(cards.joined(separator: "\n"))") }
        if !notes.isEmpty {
            let title = NumberText.count(notes.count, "note")
            parts.append("<details><summary>\(title)</summary>\n\(notes.joined(separator: "\n"))\n</details>")
        }
        return parts.isEmpty ? "" : "<section>\n\(parts.joined(separator: "\n"))\n</section>"
    }

    private static func card(_ finding: Finding, _ replay: ReplayWords) -> String {
        let evidence = finding.evidence.map { "<li>\(prose($0))</li>" }.joined()
        let remedy =
            (finding.remedy.isEmpty ? "" : "<p class=\"remedy\"><b>What to do</b> \(prose(finding.remedy))</p>")
            + (finding.python.map { "<pre><code>\(SafeText.markup($0))</code></pre>" } ?? "")
            + (replay.command(finding).map {
                "<p class=\"remedy\">\(ReplayWords.label) <code>\(SafeText.markup($0))</code></p>"
            } ?? "")
        return """
            <article class="finding \(finding.severity.rawValue)">
            <p class="tag">\(finding.severity.rawValue) <code>\(SafeText.markup(finding.code))</code></p>
            <p class="cause">\(prose(finding.sentence))</p>
            \(evidence.isEmpty ? "" : "<ul>\(evidence)</ul>")
            \(remedy)\(runbook(finding))
            </article>
            """
    }

    /// The section of the runbook, folded; empty for what is only noted.
    private static func runbook(_ finding: Finding) -> String {
        guard finding.severity > .note, let section = Runbook.section(finding.code) else { return "" }
        let body = section.split(separator: "\n").dropFirst().joined(separator: " ").replacing(/\[([^\]]*)\]\([^)]*\)/)
        {
            String($0.output.1)
        }
        return "\n<details class=\"runbook\"><summary>Runbook</summary><p>\(prose(body))</p></details>"
    }

    /// Escapes a sentence, and sets what stands between backquotes as code.
    package static func prose(_ text: String) -> String {
        let parts = text.split(separator: "`", omittingEmptySubsequences: false).map { SafeText.markup(String($0)) }
        guard parts.count % 2 == 1 else { return SafeText.markup(text) }
        return parts.enumerated().map { $0 % 2 == 1 ? "<code>\($1)</code>" : $1 }.joined()
    }
}

extension Verdict.Outcome {
    /// The outcome as a headline.
    package var title: String {
        switch self {
        case .agree: "Everything agrees"
        case .disagree: "Disagreement"
        case .incomplete: "Incomplete"
        case .nothingCompared: "Nothing was compared"
        }
    }
}
