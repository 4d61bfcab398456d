import MAEVerify
import Testing

@testable import MAEAlarms
@testable import VerifyTestSupport

@Suite("Annotations for GitHub Actions")
struct GitHubCommandsTests {
    @Test("percent signs, ends of lines, colons and commas are escaped as the runner reads them back")
    func escapes() {
        #expect(GitHubCommands.data("50 %\r\n:,") == "50 %25%0D%0A:,")
        #expect(GitHubCommands.property("a: b, 1 %\n") == "a%3A b%2C 1 %25%0A")
    }

    @Test("the verdict comes first, then the findings by how much they matter")
    func findings() throws {
        let verification = Simulation().verify { cell, work in if cell.node == "n2" { work.outputFault = "x" } }
        let lines = GitHubCommands.annotations(verification).split(separator: "\n")
        #expect(lines[0].hasPrefix("::error title=mae-coord%3A disagree::Disagreement in "))
        let first = try #require(verification.findings.first)
        #expect(lines[1].hasPrefix("::error title=mae-coord%3A \(first.code)::\(GitHubCommands.data(first.sentence))"))
        #expect(lines[1].contains("%0A"), "the remedy is on a line of its own")
        let agreed = GitHubCommands.annotations(Simulation().verify())
        #expect(agreed.hasPrefix("::notice title=mae-coord%3A agree::All "))
    }

    @Test("a name that is a command stays text, and more findings than are shown are counted")
    func hostile() {
        let name = "n1\n::warning::forged\u{1B}[2J"
        let verification = Simulation(nodes: [name, "n2", "n3"]).verify { cell, work in
            if cell.node == name { work.outputFault = "x" }
        }
        let text = GitHubCommands.annotations(verification)
        #expect(text.split(separator: "\n").allSatisfy { !$0.hasPrefix("::warning::") })
        #expect(!text.contains("\u{1B}"))
        #expect(text.contains("forged"))
        #expect(GitHubCommands.failure("a\n::error::b").split(separator: "\n").count == 1)
    }

    @Test("between a token and its return no line is a command; each run has a token of its own")
    func tokens() {
        let (one, other) = (GitHubCommands.makeToken(), GitHubCommands.makeToken())
        #expect(one != other && one.count > 20)
        #expect(GitHubCommands.stop(one) == "::stop-commands::\(one)\n")
        #expect(GitHubCommands.resume(one) == "::\(one)::\n")
    }
}
