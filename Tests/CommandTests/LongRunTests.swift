import Foundation
import MAEStore
import TestSupport
import Testing

@testable import VerifyTestSupport

@Suite("Long runs", .serialized)
struct LongRunTests {
    /// What judging may take in addition to the shards, in bytes.
    private static let allowance = 150_000_000

    let folder: TemporaryDirectory

    init() throws { folder = try TemporaryDirectory() }

    private func size(_ name: String) throws -> Int {
        let attributes = try FileManager.default.attributesOfItem(atPath: folder.file(name))
        return try #require(attributes[.size] as? Int)
    }

    private func files(_ name: String) -> [String] {
        ["--json", "--html", "--junit"].flatMap { [$0, folder.file(name + $0)] }
    }

    /// Judges a run that is recorded by `mae-coord` itself, which finds nothing left to compute.
    private func judge(_ run: LongRun, _ options: [String] = []) throws -> (exitCode: Int32, bytes: Int) {
        try run.record(in: Store(directory: folder.file("store")))
        return try Program.coordinator.peakMemory(
            [
                "verify", "--bind", "tcp://127.0.0.1:*", "--store", folder.file("store"), "--resume", run.name,
                "--timeout", "1",
            ]
                + files(run.name) + options)
    }

    @Test("one batch in the middle of 100,000 results is found and named, in little memory and with small reports")
    func needle() async throws {
        let short = LongRun(name: "short", batches: 500)
        let least = try judge(short)
        #expect(least.exitCode == 0)
        let long = LongRun(
            batches: 50_000, answer: { node, batch in node == "n2" && batch == 25_000 ? "wrong" : "right" })
        let judged = try judge(long)
        #expect(judged.exitCode == 1)
        #expect(
            judged.bytes < least.bytes + Self.allowance, "\(judged.bytes) bytes, and \(least.bytes) for a short run")

        let store = ["--store", folder.file("store")]
        let cells = folder.file("cells.gz")
        let reported = try Program.coordinator.peakMemory(
            ["report", "long", "--cells", cells] + store + files("report"))
        #expect(reported.exitCode == 1)
        #expect(reported.bytes < least.bytes + Self.allowance, "\(reported.bytes) bytes")
        for option in ["--json", "--html", "--junit"] {
            let then = try Data(contentsOf: URL(fileURLWithPath: folder.file("long" + option)))
            #expect(try Data(contentsOf: URL(fileURLWithPath: folder.file("report" + option))) == then, "\(option)")
        }
        #expect(try size("long--json") < 1_000_000 && size("long--html") < 100_000 && size("long--junit") < 1_000_000)

        let json = try JSONObject(Data(contentsOf: URL(fileURLWithPath: folder.file("long--json"))))
        #expect(json["sentence"]?.contains("Disagreement in 1 of 50000 pairs") ?? false, "\(json["sentence"] ?? "")")
        let counted = try json.object("counted")
        let batches = Int(counted.number("batches") ?? 0)
        // The rest is kept whole: the one that differs, and 500 results of those that agree.
        #expect((49_740..<50_000).contains(batches) && counted.number("disagreeing_batches") == 0, "\(batches)")
        let causes = try json.objects("findings").filter { $0["severity"] == "error" }
        #expect(try causes.map { try $0.objects("cells").map { $0.number("batch") } } == [[25_000]])
        let shown = try await Program.coordinator.run(["report", "long"] + store)
        let text = shown.output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        #expect(
            text.contains("\(batches) batches of 50000 (\(2 * batches) results) were compared and are only counted"),
            "\(text)")
        #expect(text.contains("n2/pretrained/25000"), "\(text)")

        let unpacked = try await RunningCommand(
            program: "/bin/sh", arguments: ["-c", "gzip -dc '\(cells)' | wc -l"], directory: nil
        ).result()
        #expect(Int(unpacked.output.trimmingCharacters(in: .whitespacesAndNewlines)) == 100_000, "\(unpacked)")
        let unwritable = try await Program.coordinator.run(["report", "long", "--cells", "/nowhere/cells"] + store)
        #expect(unwritable.exitCode == 69, "\(unwritable.errors)")
    }

    @Test("a long run that agrees has small reports, and is set against another by all of its results")
    func agrees() async throws {
        let judged = try judge(LongRun(name: "monday", batches: 5_000, nodes: ["n1", "n2", "n3"], methods: 3))
        #expect(judged.exitCode == 0)
        #expect(
            try size("monday--json") < 1_000_000 && size("monday--html") < 100_000 && size("monday--junit") < 1_000_000)
        var tuesday = LongRun(name: "tuesday", batches: 5_000, nodes: ["n1", "n2", "n3"], methods: 3)
        #expect(try judge(tuesday).exitCode == 0)
        tuesday.name = "wednesday"
        tuesday.answer = { _, batch in batch == 4_000 ? "other" : "right" }
        #expect(try judge(tuesday).exitCode == 0)
        func compare(_ later: String) async throws -> CommandResult {
            try await Program.coordinator.run(["compare", "monday", later, "--store", folder.file("store")])
        }
        let same = try await compare("tuesday")
        #expect(same.exitCode == 0 && same.output.contains("SAME  15000 results"), "\(same.output)\(same.errors)")
        let other = try await compare("wednesday")
        #expect(other.exitCode == 1 && other.output.contains("DIFFERENT  3 of 15000"), "\(other.output)\(other.errors)")
    }

    @Test("a baseline is made of every result of a long run, and every result is held to it")
    func baseline() async throws {
        let (base, store) = (folder.file("base.json"), ["--store", folder.file("store")])
        var run = LongRun(name: "monday", batches: 300, nodes: ["n1", "n2", "n3"])
        #expect(try judge(run).exitCode == 0)
        let pinned = try await Program.coordinator.run(["baseline", "pin", "monday", "-o", base] + store)
        #expect(pinned.output.contains("300 results (300 batches by 1 method)"), "\(pinned.output)\(pinned.errors)")

        run.name = "tuesday"
        #expect(try judge(run, ["--baseline", base]).exitCode == 0)
        let held = try JSONObject(Data(contentsOf: URL(fileURLWithPath: folder.file("tuesday--json"))))
        #expect(try held.object("counted").number("results") ?? 0 > 0)
        #expect(try held.object("baseline").number("held") == 900 && held.object("baseline").number("changed") == 0)

        // In a batch that is only counted, since its nodes agree.
        run.name = "wednesday"
        run.answer = { _, batch in batch == 290 ? "other" : "right" }
        #expect(try judge(run, ["--baseline", base]).exitCode == 1)
        let left = try JSONObject(Data(contentsOf: URL(fileURLWithPath: folder.file("wednesday--json"))))
        #expect(try left.object("baseline").number("held") == 897 && left.object("baseline").number("changed") == 3)
        let finding = try #require(try left.objects("findings").first { $0["code"] == "baseline-differs" })
        #expect(try finding.objects("cells").map { $0.number("batch") } == [290, 290, 290])
        let evidence = try await Program.coordinator.run(["report", "wednesday"] + store).output
        #expect(evidence.contains("This is the first run with other bits: tuesday had those"), "\(evidence)")
    }
}
