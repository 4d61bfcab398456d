import Foundation
import Glibc
import TestSupport
import Testing

@Suite("What is told of nodes that were there and are gone, and how a run is carried on", .serialized)
struct LostNodeTests {
    let folder: TemporaryDirectory

    init() throws { folder = try TemporaryDirectory() }

    private func text(_ name: String) throws -> String {
        try String(contentsOfFile: folder.file(name), encoding: .utf8)
    }

    @Test(
        "a node that is killed is named with when, why and what it had done, in every report, and not asked for as one that never came"
    )
    func killed() async throws {
        let model = try await VerifySite.tinyModel()
        let site = try await VerifySite(
            [
                "--method", "pretrained=\(model.file("model"))", "--batches", "600", "--batch-size", "256", "--run",
                "night",
                "--html", folder.file("page.html"), "--junit", folder.file("cases.xml"), "--log-level", "info",
            ], folder: folder)
        let (steady, victim) = (try site.worker("steady"), try site.worker("victim"))
        try await victim.waitFor("computing batch 3")
        victim.send(signal: SIGKILL)
        _ = try await victim.result()
        try await site.coordinator.waitFor("victim is lost")
        site.coordinator.send(signal: SIGINT)
        let result = try await site.coordinator.result()
        try await VerifySite.dismiss([steady])

        let lost = try #require(try site.report.objects("lost_nodes").first)
        #expect(lost["name"] == "victim" && lost["code"] == "silent" && lost["method"] == "pretrained")
        let (done, share) = (Int(try #require(lost.number("results"))), Int(try #require(lost.number("shards"))))
        // The batch that is drawn for the run alone is one of them.
        #expect((1..<601).contains(done) && share == 601)
        #expect(try #require(lost.number("after_seconds")) > 0)
        let words = "s after the start, with \(done) of its 601 shards done, while it ran `pretrained` batch "
        let output = result.output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        #expect(output.contains("lost: victim was lost ") && output.contains(words), "\(result.output)")
        #expect(output.contains("It did not deliver `pretrained` batch "), "\(result.output)")
        #expect(output.contains("start it again under that name and carry on with --resume night"), "\(result.output)")
        #expect(!output.contains("missing workers"), "\(result.output)")
        #expect(try text("page.html").contains("lost: victim was lost "))
        #expect(try text("cases.xml").contains("<property name=\"lost\" value=\"victim was lost "))

        let again = try await Program.coordinator.run("report", "night", "--store", folder.file("store"))
        #expect(again.output == result.output)
        let nodes = try await Program.coordinator.run("nodes", "--store", folder.file("store")).output
        #expect(nodes.contains("was present") && nodes.contains("lost: nothing was heard of it"), "\(nodes)")
    }

    @Test("the line that carries a run on works as it is told: with its keys, its endpoint and its own workers")
    func resumption() async throws {
        let keys = folder.file("my keys")
        let made = try await Program.coordinator.run("keys", "init", "--keys", keys)
        try #require(made.exitCode == 0, "\(made.errors)")
        let run = try Program.coordinator.start(
            ["verify", "--run", "one night", "--local", "2", "--bind", "tcp://127.0.0.1:*", "--secure", "--keys", keys]
                + ["--store", folder.file("store"), "--json", "report.json"] + VerifySite.goldenMethods, in: folder.path
        )
        try await run.waitFor("starting 2 workers")
        run.send(signal: SIGINT)
        let ended = try await run.result()
        #expect(ended.exitCode == 3 || ended.exitCode == 2, "\(ended.output)")
        let line = try #require(
            ended.errors.components(separatedBy: ": carry on with --resume, as in: ").last?.split(separator: "\n").first
        )
        let programs = URL(fileURLWithPath: try Program.coordinator.path).deletingLastPathComponent().path
        let again = try await RunningCommand(
            program: "/bin/sh", arguments: ["-c", String(line)], directory: folder.path,
            environment: ["PATH": programs + ":/usr/bin:/bin"]
        ).result()
        #expect(again.exitCode == 0, "\(line)\n\(again.output)\(again.errors)")
        #expect(again.output.hasPrefix("AGREE"))
        let report = try JSONObject(Data(contentsOf: URL(fileURLWithPath: folder.file("report.json"))))
        #expect(report["run"] == "one night" && report["verdict"] == "agree")
        let paces = try report.objects("paces")
        #expect(paces.map { $0["node"] } == ["worker-1", "worker-2"])
        #expect(paces.allSatisfy { $0.number("shards") == 3 && $0.number("share") == 0.5 })
        #expect(again.output.contains("pace: worker-1 3 shards (50 %), median "), "\(again.output)")
    }
}
