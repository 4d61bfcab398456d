import Foundation
import Glibc
import TestSupport
import Testing

@Suite("What the report of mae-coord verify tells beside results", .serialized)
struct CircumstancesTests {
    let folder: TemporaryDirectory

    init() throws { folder = try TemporaryDirectory() }

    private func absent(_ site: VerifySite) throws -> [[String?]] {
        try site.report.objects("absent_nodes").map { [$0["name"], $0["last_run"]] }
    }

    @Test("the time limit and Ctrl-C are told apart, in text and JSON", arguments: [0, SIGINT])
    func endings(signal: Int32) async throws {
        let site = try await VerifySite(
            VerifySite.goldenMethods + (signal == 0 ? ["--timeout", "1"] : []), folder: folder)
        if signal != 0 {
            try await site.coordinator.waitFor("waiting for 2 workers")
            site.coordinator.send(signal: signal)
        }
        let result = try await site.coordinator.result()
        #expect(result.exitCode == 3, "\(result.errors)")
        let words = signal == 0 ? "the time limit of 1 s passed first" : "the run was interrupted"
        #expect(result.output.contains("ended early: \(words)"), "\(result.output)")
        #expect(result.errors.contains("\(words): carry on with --resume"), "\(result.errors)")
        #expect(try site.report["ending"] == (signal == 0 ? "time-limit" : "interrupted"))
        let messages = Set(try site.report.objects("failures").compactMap { $0["message"] as String? })
        #expect(messages == [words])
    }

    @Test("a node that never came has a row and the run in which it was there last")
    func expected() async throws {
        let options = ["--method", "full=\(Goldens.path("checkpoints/full5.pth"))"]
        let first = try await VerifySite(options + ["--run", "first"], folder: folder)
        let workers = [try first.worker("node1"), try first.worker("node2")]
        #expect(try await first.coordinator.result().exitCode == 0)
        try await VerifySite.dismiss(workers)
        for names in [["--expect", "node1,node2"], []] {
            let second = try await VerifySite(options + names + ["--log-level", "info"], folder: folder)
            let worker = try second.worker("node1")
            try await second.coordinator.waitFor("node1 is in the cluster")
            second.coordinator.send(signal: SIGINT)
            let result = try await second.coordinator.result()
            #expect(result.exitCode == 3, "\(result.output)\(result.errors)")
            #expect(try absent(second) == [["node2", "first"]])
            #expect(result.output.contains("node2 never came; it took part in first last."), "\(result.output)")
            let row = result.output.split(separator: "\n").first { $0.hasPrefix("node2") }
            #expect(row?.contains("? never came") == true, "\(result.output)")
            try await VerifySite.dismiss([worker])
        }
    }

    @Test("whoever is turned away is in the report with the reason, a probe that only connects is not")
    func refused() async throws {
        for arguments in [["init"], ["add", "left"], ["add", "right"]] {
            let result = try await Program.coordinator.run(["keys"] + arguments, in: folder.path)
            try #require(result.exitCode == 0, "\(result.errors)")
        }
        let site = try await VerifySite(
            VerifySite.goldenMethods + ["--secure", "--log-level", "debug"], folder: folder)
        let port = try #require(site.endpoint.split(separator: ":").last)
        let probe = try await RunningCommand(
            program: "/bin/bash", arguments: ["-c", "exec 3<>/dev/tcp/127.0.0.1/\(port)"], directory: nil
        ).result()
        #expect(probe.exitCode == 0, "\(probe.errors)")
        try await site.coordinator.waitFor("closed its connection before it said who it is")
        let open = try site.worker("left")
        try await open.waitFor("wants keys")
        try await site.coordinator.waitFor("it uses no keys")
        site.coordinator.send(signal: SIGTERM)
        let result = try await site.coordinator.result()
        try await VerifySite.dismiss([open])
        let reasons = try site.report.objects("refused").compactMap { $0["reason"] as String? }
        #expect(reasons == ["it uses no keys; give its mae-worker a node file with --key"])
        #expect(result.output.contains("it uses no keys; give its mae-worker a node file with --key"))
        #expect(try absent(site).map { $0[0] } == ["left", "right"])
    }

    @Test("a node whose key was revoked is named in the report, with what lets it take part")
    func revoked() async throws {
        for arguments in [["init"], ["add", "left"], ["add", "right"], ["revoke", "left"]] {
            let result = try await Program.coordinator.run(["keys"] + arguments, in: folder.path)
            try #require(result.exitCode == 0, "\(result.errors)")
        }
        let site = try await VerifySite(
            VerifySite.goldenMethods + ["--secure", "--junit", folder.file("cases.xml")], folder: folder)
        let worker = try Program.worker.start(
            ["--connect", site.endpoint, "--key", folder.file("left.key"), "--threads", "1"])
        try await worker.waitFor("refused the key of left")
        site.coordinator.send(signal: SIGTERM)
        let result = try await site.coordinator.result()
        try await VerifySite.dismiss([worker])
        let refused = try #require(try site.report.objects("refused").first)
        #expect(refused["peer"] == "left")
        #expect(refused["reason"]?.contains("mae-coord keys add left") == true)
        #expect(result.output.contains("turned away left"), "\(result.output)")
        let cases = try String(contentsOfFile: folder.file("cases.xml"), encoding: .utf8)
        #expect(cases.contains("<property name=\"refused\" value=\"turned away left"), "\(cases)")
    }

    @Test(
        "names that cannot be are refused",
        arguments: [(["--expect", "a,a"], "--expect a,a"), (["--expect", "a,b,c", "--workers", "2"], "--workers 2")])
    func names(options: [String], message: String) async throws {
        let result = try await Program.coordinator.run(["verify", "--method", "full=m"] + options)
        #expect(result.exitCode == 64 && result.errors.contains(message), "\(result.errors)")
    }
}
