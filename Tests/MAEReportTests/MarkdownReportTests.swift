import MAEVerify
import TestSupport
import Testing

@testable import MAEReport
@testable import VerifyTestSupport

@Suite("Markdown report")
struct MarkdownReportTests {
    @Test("an agreement is a heading, a sentence, settings and the matrix as a table")
    func agreement() {
        let verification = Simulation().verify()
        let prefix = verification.comparison.cells[0].digests.layernorm.description.prefix(8)
        let lines = MarkdownReport.render(verification).split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines[0] == "## ✅ AGREE")
        #expect(lines.contains("| node | class | pretrained | full | state\\-dict |"))
        #expect(lines.contains("|---|---|---|---|---|"))
        #expect(lines.contains("| n1 | canonical\\-v1 | \\= \(prefix) | \\= \(prefix) | \\= \(prefix) |"))
        #expect(!lines.contains("### Findings"))
    }

    @Test("a disagreement has its findings with evidence and remedy")
    func disagreement() throws {
        let verification = Simulation(nodes: ["n1", "n2", "n3"]).verify { cell, work in
            if cell.node == "n2" { work.outputFault = "x" }
        }
        let text = MarkdownReport.render(verification)
        #expect(text.hasPrefix("## ❌ DISAGREE\n\nDisagreement in "))
        #expect(text.contains("### Findings\n\n1. **error** node\\-outlier: "))
        #expect(text.contains("\n   - → Run it again"))
    }

    @Test("names of nodes and methods make no markup, no link and no row of a table")
    func hostile() {
        // As long as a name may be in a table.
        let name = "a|b\n# x<img>[y](http:z)"
        let text = MarkdownReport.render(Simulation(nodes: [name, "n2"]).verify())
        #expect(text.contains("\\<img") && text.contains("\\]\\(http") && !text.contains("\n# x"))
        let rows = text.split(separator: "\n").filter { $0.hasPrefix("| ") }
        #expect(rows.count == 3)
        for row in rows { #expect(row.replacing("\\|", with: "").count { $0 == "|" } == 6, "\(row)") }
    }

    @Test("why there is no report is told as that")
    func failure() { #expect(MarkdownReport.failure("a*b") == "## ❌ FAILED\n\na\\*b\n") }
}
