import Foundation
import MAEReport
import MAEVerify
import Testing

/// The reports of a run, and whether each tells a finding in its own form.
struct RenderedFinding {
    let verification: Verification
    let details: ReportDetails

    func expect(_ finding: Finding, _ location: SourceLocation = #_sourceLocation) throws {
        try expectJSON(finding, location)
        expectTerminal(finding, location)
        expectHTML(finding, location)
        expectJUnit(finding, location)
    }

    private func expectJSON(_ finding: Finding, _ location: SourceLocation) throws {
        struct Document: Decodable {
            struct Entry: Decodable { let code, severity, sentence: String }
            let findings: [Entry]
        }
        let text = try JSONReport.render(verification, details: details)
        let entries = try JSONDecoder().decode(Document.self, from: Data(text.utf8)).findings
        let told = entries.contains {
            $0.code == finding.code && $0.severity == finding.severity.rawValue && $0.sentence == finding.sentence
        }
        #expect(told, "\(entries)", sourceLocation: location)
    }

    private func expectTerminal(_ finding: Finding, _ location: SourceLocation) {
        let text = TerminalReport.render(verification, details: details)
        // Sentences are wrapped.
        let told = "\(finding.severity.rawValue) \(finding.code) \(finding.sentence)"
        #expect(text.withoutSpaces.contains(told.withoutSpaces), "\(text)", sourceLocation: location)
    }

    private func expectHTML(_ finding: Finding, _ location: SourceLocation) {
        let text = HTMLReport.render(verification, details: details)
        // What stands between backquotes is set as code.
        let told = "\(finding.severity.rawValue) \(finding.code)\n\(finding.sentence.replacing("`", with: ""))\n"
        #expect(text.replacing(/<[^>]*>/, with: "").unescaped.contains(told), "\(told)", sourceLocation: location)
    }

    private func expectJUnit(_ finding: Finding, _ location: SourceLocation) {
        let text = JUnitReport.render(verification)
        // Of a run that passed only what warns is told.
        let told =
            verification.verdict.outcome == .agree && finding.severity == .note
            ? "name=\"verdict\"" : "\(finding.severity.rawValue) \(finding.code): \(finding.sentence)"
        #expect(text.unescaped.contains(told), "\(text)", sourceLocation: location)
    }
}

extension String {
    fileprivate var withoutSpaces: String { filter { !$0.isWhitespace } }

    /// The text that HTML and XML with the five entities stand for.
    fileprivate var unescaped: String {
        let entities = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&")]
        return entities.reduce(self) { $0.replacing($1.0, with: $1.1) }
    }
}
