import TestSupport
import Testing

@Suite("mae-coord runbook")
struct RunbookCommandTests {
    @Test("a code is explained, all are printed without one, and a wrong one is told with the nearest")
    func sections() async throws {
        let one = try await Program.coordinator.run("runbook", "node-outlier")
        #expect(one.exitCode == 0 && one.output.hasPrefix("node-outlier\n"), "\(one.errors)")
        #expect(one.output.contains("mae-coord drain") && !one.output.contains("intermittent\n"), "\(one.output)")
        let all = try await Program.coordinator.run("runbook")
        #expect(all.exitCode == 0 && all.output.hasPrefix("# Runbook\n"))
        let wrong = try await Program.coordinator.run("runbook", "node-outlyer")
        #expect(wrong.exitCode == 64 && wrong.errors.contains("Did you mean 'node-outlier'?"), "\(wrong.errors)")
    }
}
