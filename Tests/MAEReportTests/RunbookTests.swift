import MAEReport
import MAEVerify
import Testing

@Suite("The runbook")
struct RunbookTests {
    @Test("every code of a finding has a section that says something, and there is no other section")
    func complete() throws {
        for code in FindingCode.allCases {
            let section = try #require(Runbook.section(code.rawValue), "\(code.rawValue)")
            #expect(section.hasPrefix(code.rawValue + "\n") && section.count > code.rawValue.count + 40, "\(section)")
        }
        let known = Set(FindingCode.allCases.map(\.rawValue)).union(["load-*"])
        #expect(Set(Runbook.codes) == known)
        #expect(Runbook.codes.count == known.count)
    }

    @Test("what readers of checkpoints noticed shares a section, and an unknown code has none")
    func families() {
        #expect(Runbook.section("load-training-mode")?.hasPrefix("load-training-mode\n") == true)
        #expect(Runbook.section("no-such-code") == nil)
        #expect(Runbook.section("") == nil)
    }
}
