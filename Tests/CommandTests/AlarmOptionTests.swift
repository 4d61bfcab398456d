import Foundation
import Glibc
import TestSupport
import Testing

@Suite("Alarms of mae-coord verify")
struct AlarmOptionTests {
    let folder: TemporaryDirectory
    private static let disagreement = ["--noise", "sequential", "--mask-ratio", "0.75"]

    init() throws { folder = try TemporaryDirectory() }

    /// A run on two workers of this machine, which agrees; of the series `night` by its name.
    private func run(
        _ day: Int, _ options: [String] = [], environment: [String: String] = [:]
    ) async throws -> CommandResult {
        // The tests themselves may run in GitHub Actions.
        let none = ["GITHUB_ACTIONS": "", "MAE_PING_URL": ""]
        return try await Program.coordinator.run(
            ["verify", "--local", "2", "--threads", "2", "--no-referee", "--store", folder.file("store")]
                + ["--run", "night-2026-01-0\(day)", "--html", folder.file("report.html")]
                + VerifySite.goldenMethods + options, environment: none.merging(environment) { $1 })
    }

    /// A command that adds a line to a file.
    private var hook: [String] {
        [
            "--on-change",
            "echo \"$MAE_RUN $MAE_VERDICT_BEFORE>$MAE_VERDICT $MAE_EXIT_CODE ${MAE_CAUSE%%:*} $MAE_REPORT_HTML\" >>'\(folder.file("told"))'",
        ]
    }

    private var told: [String] {
        let text = (try? String(contentsOfFile: folder.file("told"), encoding: .utf8)) ?? ""
        return text.split(separator: "\n").map(String.init)
    }

    @Test(
        "agree, disagree, disagree, agree: the command is run at the change and at the recovery, and at no other time")
    func changes() async throws {
        let html = folder.file("report.html")
        for (day, options, code) in [(1, [], 0), (2, Self.disagreement, 1), (3, Self.disagreement, 1), (4, [], 0)] {
            let result = try await run(day, hook + options)
            #expect(result.exitCode == Int32(code), "\(result.errors)")
        }
        #expect(
            told == [
                "night-2026-01-02 agree>disagree 1 noise-not-shared \(html)",
                "night-2026-01-04 disagree>agree 0  \(html)",
            ])
    }

    @Test("a run that cannot begin is told once, and its recovery; it names the reason")
    func earlyFailure() async throws {
        let reason = ["--on-change", "echo \"$MAE_VERDICT $MAE_EXIT_CODE $MAE_MESSAGE\" >>'\(folder.file("told"))'"]
        for day in 1...2 {
            let result = try await Program.coordinator.run(
                ["verify", "--local", "1", "--store", folder.file("store"), "--run", "night-2026-01-0\(day)"]
                    + ["--method", "full=\(folder.file("none.pth"))"] + reason)
            #expect(result.exitCode == 65, "\(result.errors)")
        }
        #expect(told.count == 1)
        #expect(told.first?.hasPrefix("failed 65 ") == true && told.first?.contains("none.pth") == true, "\(told)")
        #expect(try await run(3, reason).exitCode == 0)
        #expect(told.count == 2 && told.last?.hasPrefix("agree 0 ") == true, "\(told)")
    }

    @Test("a command that runs mae-coord with alarms on the same store does not wait for the process that waits for it")
    func nested() async throws {
        let program = try Program.coordinator.path
        let nested =
            "'\(program)' verify --local 1 --store \"$MAE_STORE\" --run inner"
            + " --method full='\(folder.file("none.pth"))' --on-change 'touch \"\(folder.file("inner"))\"'; true"
        let result = try await run(1, ["--on-change", nested] + Self.disagreement)
        #expect(result.exitCode == 1)
        #expect(!result.errors.contains("--on-change"), "\(result.errors)")
        #expect(FileManager.default.fileExists(atPath: folder.file("inner")))
    }

    @Test("a command that fails costs no verdict, is told with what it wrote, and is run again after the next run")
    func failingHook() async throws {
        let failing = ["--on-change", "echo cannot reach the mail server; exit 3"]
        let result = try await run(1, failing + Self.disagreement)
        #expect(result.exitCode == 1)
        #expect(result.errors.contains("--on-change ended with exit code 3"))
        #expect(result.errors.contains("--on-change wrote: cannot reach the mail server"))
        #expect(try await run(2, hook + Self.disagreement).exitCode == 1)
        #expect(told.map { $0.prefix { $0 != " " } } == ["night-2026-01-02"])
    }

    @Test("pings: the beginning, and the exit code with verdict and cause; the address stays out of reports and logs")
    func pings() async throws {
        let server = try #require(HTTPReceiver())
        let address = server.address + "/sEcReT"
        #expect(try await run(1, environment: ["MAE_PING_URL": address]).exitCode == 0)
        let result = try await run(2, ["--ping", address, "--json", folder.file("r.json")] + Self.disagreement)
        #expect(result.exitCode == 1)
        #expect(server.requests.map(\.target) == ["/sEcReT/start", "/sEcReT/0", "/sEcReT/start", "/sEcReT/1"])
        let bodies = server.requests.map(\.body)
        #expect(bodies[1].hasPrefix("AGREE All 6 results"))
        #expect(bodies[3].hasPrefix("DISAGREE ") && bodies[3].contains("noise is not shared"))
        let texts =
            [result.output, result.errors]
            + [try String(contentsOfFile: folder.file("report.html"), encoding: .utf8)]
            + [try String(contentsOfFile: folder.file("r.json"), encoding: .utf8)]
        for text in texts { #expect(!text.contains("sEcReT")) }
        #expect(texts[2].contains("--ping URL"))
    }

    @Test("a service that is not there, or refuses, changes no exit code")
    func unreachable() async throws {
        let nowhere = try await run(1, ["--ping", "http://127.0.0.1:1/sEcReT"])
        #expect(nowhere.exitCode == 0)
        #expect(nowhere.errors.contains("the ping to http://127.0.0.1:1/… was not taken"), "\(nowhere.errors)")
        #expect(!nowhere.errors.contains("sEcReT"))
    }

    @Test("a run that cannot begin pings its exit code, and one that a signal ends the one of an incomplete run")
    func otherEnds() async throws {
        let server = try #require(HTTPReceiver())
        let failed = try await Program.coordinator.run(
            ["verify", "--local", "1", "--store", folder.file("s"), "--method", "full=\(folder.file("none.pth"))"]
                + ["--ping", server.address])
        #expect(failed.exitCode == 65)
        #expect(server.requests.map(\.target) == ["/start", "/65"])
        #expect(server.requests.last?.body.hasPrefix("FAILED ") == true)

        // One worker of two: the run waits until it is told to end.
        let site = try await VerifySite(
            VerifySite.goldenMethods + ["--run", "night-2026-01-01", "--ping", server.address + "/b"] + hook,
            folder: folder)
        let worker = try site.worker("left")
        try await eventually("the worker has done its share") { try await site.storedResults()["left"] ?? 0 >= 3 }
        site.coordinator.send(signal: SIGTERM)
        #expect(try await site.coordinator.result().exitCode == 2)
        #expect(server.requests.dropFirst(2).map(\.target) == ["/b/start", "/b/2"])
        #expect(told.map { $0.split(separator: " ")[1] } == [">incomplete"])

        // Carried on to its end, it has recovered, though the store keeps only that end.
        let resumed = try await Program.coordinator.run(
            ["verify", "--resume", "night-2026-01-01", "--store", folder.file("store"), "--local", "2"]
                + ["--ping", server.address + "/b"] + hook)
        #expect(resumed.exitCode == 0, "\(resumed.errors)")
        #expect(told.map { $0.split(separator: " ")[1] } == [">incomplete", "incomplete>agree"])
        #expect(server.requests.last?.target == "/b/0")
        try await VerifySite.dismiss([worker])
    }

    @Test("a coordinator that is killed says nothing; the run is told when it is carried on")
    func killed() async throws {
        let server = try #require(HTTPReceiver())
        let options = ["--run", "night-2026-01-01", "--ping", server.address] + hook
        let site = try await VerifySite(VerifySite.goldenMethods + options, folder: folder)
        try await eventually("the beginning is told") { !server.requests.isEmpty }
        site.coordinator.send(signal: SIGKILL)
        _ = try await site.coordinator.result()
        #expect(server.requests.map(\.target) == ["/start"] && told.isEmpty)
        let resumed = try await Program.coordinator.run(
            [
                "verify", "--resume", "night-2026-01-01", "--store", folder.file("store"), "--local", "2", "--noise",
                "shared",
            ]
                + ["--ping", server.address] + hook)
        #expect(resumed.exitCode == 0, "\(resumed.errors)")
        #expect(server.requests.map(\.target) == ["/start", "/start", "/0"])
        #expect(told.isEmpty, "a first run that agrees is no change")
    }

    @Test("in GitHub Actions findings are annotations, and the step gets a summary; other lines are no commands")
    func gitHub() async throws {
        let summary = try folder.write("summary.md", Array("before\n".utf8))
        let environment = ["GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": summary]
        let result = try await run(1, Self.disagreement, environment: environment)
        #expect(result.exitCode == 1)
        let lines = result.output.split(separator: "\n")
        let token = try #require(lines.first?.firstMatch(of: /^::stop-commands::(mae-[a-z0-9]+)$/)).output.1
        let commands = lines.split(separator: "::\(token)::", maxSplits: 1)
        try #require(commands.count == 2)
        #expect(commands[0].contains { $0.hasPrefix("DISAGREE ") })
        #expect(commands[1].first?.hasPrefix("::error title=mae-coord%3A disagree::") == true)
        #expect(commands[1].contains { $0.hasPrefix("::error title=mae-coord%3A noise-not-shared::") })
        let text = try String(contentsOfFile: summary, encoding: .utf8)
        #expect(text.hasPrefix("before\n## ❌ DISAGREE\n") && text.contains("noise\\-not\\-shared"))

        let quiet = try await run(2, ["--no-github"], environment: environment)
        #expect(quiet.exitCode == 0 && !quiet.output.contains("::"))
        let failed = try await run(2, environment: environment)
        #expect(failed.exitCode == 65)
        #expect(failed.output.contains("::error title=mae-coord%3A failed::"))
    }

    @Test("an address that is none and a command without words are usage errors, and the address is not shown")
    func usage() async throws {
        for (options, environment, words) in [
            (["--ping", "ftp://sEcReT/x"], [:], "--ping: this is no address"),
            ([], ["MAE_PING_URL": "sEcReT"], "MAE_PING_URL: this is no address"),
            (["--on-change", " "], [:], "--on-change: name a command"),
        ] as [([String], [String: String], String)] {
            let result = try await run(1, options, environment: environment)
            #expect(result.exitCode == 64)
            #expect(result.errors.contains(words), "\(result.errors)")
            #expect(!result.errors.contains("sEcReT"))
        }
    }
}
