import Foundation
import Glibc
import TestSupport
import Testing

@testable import MAEAlarms

@Suite("The command that is run on a change of verdict")
struct ChangeHookTests {
    let folder: TemporaryDirectory
    private let environment = ["PATH": "/usr/bin:/bin", "HOME": "/root"]

    init() throws { folder = try TemporaryDirectory() }

    private static func alarm(_ message: String = "Nothing can be read.") -> RunAlarm {
        RunAlarm(failed: message, exitCode: 65, run: "night-1", store: "/var/lib/mae/store")
    }

    private func hook(_ command: String, _ change: (inout ChangeHook.Limits) -> Void = { _ in }) -> ChangeHook {
        var limits = ChangeHook.Limits()
        limits.pause = .milliseconds(1)
        change(&limits)
        return ChangeHook(command, limits: limits)
    }

    private func text(_ name: String) -> String {
        (try? String(contentsOfFile: folder.file(name), encoding: .utf8)) ?? ""
    }

    @Test("a change is another verdict than before, and a first one that is not good")
    func changes() {
        #expect(ChangeHook.isChange(from: "agree", to: "disagree"))
        #expect(ChangeHook.isChange(from: "disagree", to: "agree"))
        #expect(ChangeHook.isChange(from: "failed", to: "disagree"))
        #expect(!ChangeHook.isChange(from: "disagree", to: "disagree"))
        #expect(!ChangeHook.isChange(from: nil, to: "agree"))
        #expect(ChangeHook.isChange(from: nil, to: "failed"))
    }

    @Test("the command finds the run in its environment, added to that of the program, and what is not known is empty")
    func environmentOfCommand() {
        let command = "env >'\(folder.file("env"))'"
        #expect(hook(command).run(Self.alarm("one\ntwo"), before: "agree", environment: environment) == .done)
        let lines = Set(text("env").split(separator: "\n"))
        for line in [
            "MAE_RUN=night-1", "MAE_VERDICT=failed", "MAE_VERDICT_BEFORE=agree", "MAE_EXIT_CODE=65", "MAE_CAUSE=",
            "MAE_MESSAGE=one\\u{a}two", "MAE_STORE=/var/lib/mae/store", "MAE_REPORT_HTML=", "MAE_REPORT_JSON=",
            "HOME=/root",
        ] { #expect(lines.contains(line[...]), "\(line)") }
    }

    @Test("a command that fails is run three times, and told of each time; one that succeeds then is done")
    func retries() {
        var told: [String] = []
        let twice = "echo >>'\(folder.file("n"))'; test $(wc -l <'\(folder.file("n"))') = 3"
        #expect(hook(twice).run(Self.alarm(), before: nil, environment: environment) { told.append($0) } == .done)
        #expect(told.count == 2 && told.allSatisfy { $0.contains("ended with exit code 1") })

        let outcome = hook("echo a >>'\(folder.file("m"))'; echo out; echo err >&2; exit 7")
            .run(Self.alarm(), before: nil, environment: environment)
        #expect(outcome == .failed(reason: "ended with exit code 7", output: ["out", "err"]))
        #expect(text("m") == "a\na\na\n")
    }

    @Test("in haste a command is not run again, and one that does not end is killed soon")
    func haste() {
        let failing = hook("echo a >>'\(folder.file("n"))'; exit 7") { $0.pause = .seconds(100_000) }
        #expect(
            failing.run(Self.alarm(), before: nil, environment: environment, isHasty: { true })
                == .failed(reason: "ended with exit code 7", output: []))
        #expect(text("n") == "a\n")
        let hanging = hook("sleep 100000") {
            $0.time = .seconds(100_000)
            $0.hasteTime = .milliseconds(1)
        }
        let started = hanging.run(Self.alarm(), before: nil, environment: environment, isHasty: { true })
        guard case .failed(let reason, _) = started else {
            Issue.record("it ended")
            return
        }
        #expect(reason.contains("and was killed"), "\(reason)")
    }

    @Test("a command that does not end is killed with all that it started, and what it wrote is told")
    func timeLimit() async throws {
        // Long enough to say which process is its child, on a slow machine too.
        let command = "sleep 1000 & echo $! >'\(folder.file("child"))'; echo begun; wait"
        let outcome = hook(command) {
            $0.tries = 1
            $0.time = .seconds(20)
        }.run(Self.alarm(), before: nil, environment: environment)
        #expect(outcome == .failed(reason: "did not end within 20 s, and was killed", output: ["begun"]))
        let child = try #require(pid_t(text("child").trimmingCharacters(in: .whitespacesAndNewlines)))
        try await eventually("the child is gone") {
            let state = try? String(contentsOfFile: "/proc/\(child)/stat", encoding: .utf8)
            return state.map { $0.contains(") Z ") } ?? true
        }
    }

    @Test("output without end neither fills the memory nor holds the command up; its last lines are told")
    func output() {
        let outcome = hook("seq 1 200000; exit 1") { $0.tries = 1 }.run(
            Self.alarm(), before: nil, environment: environment)
        #expect(
            outcome
                == .failed(
                    reason: "ended with exit code 1", output: ["199996", "199997", "199998", "199999", "200000"]))
    }

    @Test("a child that stays behind does not hold the run up")
    func background() {
        let outcome = hook("sleep 1000 & exit 0").run(Self.alarm(), before: nil, environment: environment)
        #expect(outcome == .done)
    }

    @Test("signals that the program ignores or blocks act on the command")
    func signals() {
        let outcome = hook("kill -TERM $$; sleep 1000") { $0.tries = 1 }
            .run(Self.alarm(), before: nil, environment: environment)
        #expect(outcome == .failed(reason: "was ended by signal 15", output: []))
    }
}
