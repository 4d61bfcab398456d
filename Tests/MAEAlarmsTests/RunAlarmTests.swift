import MAEVerify
import Testing

@testable import MAEAlarms
@testable import VerifyTestSupport

@Suite("What alarms tell of a run")
struct RunAlarmTests {
    @Test("a judged run is told with verdict, exit code and its first cause, which is no note")
    func judged() throws {
        let verification = Simulation().verify { cell, work in if cell.node == "n2" { work.outputFault = "x" } }
        let alarm = RunAlarm(verification, htmlReport: "/a.html", store: "/s")
        #expect(alarm.verdict == "disagree" && alarm.exitCode == 1 && alarm.run == "run-1")
        let first = try #require(verification.findings.first)
        #expect(alarm.cause == "\(first.code): \(first.sentence)")
        #expect(alarm.htmlReport == "/a.html" && alarm.jsonReport == nil)
        #expect(alarm.text.hasPrefix("DISAGREE Disagreement in ") && alarm.text.contains("run run-1"))
        let agreed = RunAlarm(Simulation().verify(), store: "/s")
        #expect(agreed.verdict == "agree" && agreed.exitCode == 0 && agreed.cause == nil)
    }

    @Test("a run that could not begin has failed; one that a signal ended before is incomplete")
    func failed() {
        let alarm = RunAlarm(failed: "no model\nthere", exitCode: 65, run: nil, store: "/s")
        #expect(alarm.verdict == "failed" && alarm.text == "FAILED no model\\u{a}there\n")
        #expect(RunAlarm(failed: "signal 15", exitCode: 2, run: nil, store: "/s").verdict == "incomplete")
    }

    @Test("a text is cut between characters, and is never longer than a service takes")
    func length() {
        let alarm = RunAlarm(failed: String(repeating: "ö", count: 20_000), exitCode: 70, run: "r", store: "/s")
        #expect(alarm.text.utf8.count <= RunAlarm.longestText && alarm.text.utf8.count > RunAlarm.longestText - 10)
        #expect(alarm.text.hasSuffix("ö…\n"))
        #expect(
            "aöb".prefix(utf8Count: 2) == "a" && "aöb".prefix(utf8Count: 3) == "aö" && "ab".prefix(utf8Count: 5) == "ab"
        )
    }
}
