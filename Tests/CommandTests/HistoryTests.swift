import Foundation
import TestSupport
import Testing

@Suite("mae-coord history", .serialized)
struct HistoryTests {
    private func verify(_ folder: TemporaryDirectory, _ run: String) async throws {
        let model = folder.file("model")
        let result = try await Program.coordinator.run([
            "verify", "--local", "2", "--method", "pretrained=\(model)", "--method",
            "state-dict=\(model)/model.safetensors", "--config", model, "--store", folder.file("store"), "--run", run,
            "--quiet",
        ])
        #expect(result.exitCode == 0, "\(result.output)\(result.errors)")
    }

    private func makeModel(_ folder: TemporaryDirectory, seed: String) async throws {
        try? FileManager.default.removeItem(atPath: folder.file("model"))
        let made = try await Program.coordinator.run([
            "checkpoint", "init", "--preset", "tiny", "--seed", seed, "--output", folder.file("model"),
        ])
        #expect(made.exitCode == 0, "\(made.errors)")
    }

    private func history(_ folder: TemporaryDirectory, _ arguments: String...) async throws -> CommandResult {
        try await Program.coordinator.run(["history", "--store", folder.file("store")] + arguments)
    }

    private func text(_ path: String) throws -> String { try String(contentsOfFile: path, encoding: .utf8) }

    @Test("three nights, the last with a replaced checkpoint: in the terminal, as JSON and as pages")
    func nights() async throws {
        let folder = try TemporaryDirectory()
        try await makeModel(folder, seed: "1")
        try await verify(folder, "night-2026-11-27")
        try await verify(folder, "night-2026-11-28")
        let calm = try await history(folder)
        #expect(calm.exitCode == 0 && calm.output.contains("No bad night"), "\(calm.output)\(calm.errors)")

        let pages = folder.file("pages")
        let first = try await history(folder, "--html", pages)
        #expect(first.exitCode == 0 && first.output.contains("2 of 2 pages of runs"), "\(first.output)\(first.errors)")

        try await makeModel(folder, seed: "2")
        try await verify(folder, "night-2026-11-29")
        let told = try await history(folder)
        #expect(told.output.contains("First bad night: 2026-11-29"), "\(told.output)\(told.errors)")
        #expect(told.output.contains("checkpoint") && told.output.contains("model.safetensors"), "\(told.output)")

        let json = try await history(folder, "--json")
        let series = try #require(try json.json.objects("series").first)
        #expect(series["name"] == "night")
        let bad = try series.objects("bad_nights")
        #expect(bad.map { $0["run"] } == ["night-2026-11-29"] && bad.first?["kind"] == "changed")
        #expect(try series.objects("nodes").map { $0["states"] } == ["===", "==="])

        let again = try await history(folder, "--html", pages)
        #expect(again.output.contains("1 of 3 pages of runs (2 were there)"), "\(again.output)\(again.errors)")
        let index = try text(pages + "/index.html")
        #expect(index.contains("First bad night: 2026-11-29.") && index.contains("href=\"runs/night-2026-11-29.html\""))
        // The page of a run is the report of it, as mae-coord report writes it.
        let report = folder.file("report.html")
        let reported = try await Program.coordinator.run([
            "report", "night-2026-11-28", "--store", folder.file("store"), "--html", report,
        ])
        #expect(reported.exitCode == 0)
        #expect(try text(report) == text(pages + "/runs/night-2026-11-28.html"))

        try FileManager.default.removeItem(atPath: pages + "/runs/night-2026-11-27.html")
        let mended = try await history(folder, "--html", pages, "--last", "2")
        #expect(mended.output.contains("0 of 2 pages"), "\(mended.output)")
        let whole = try await history(folder, "--html", pages)
        #expect(whole.output.contains("1 of 3 pages"), "\(whole.output)")
    }

    @Test("what cannot be is refused: no store, no nights, a folder of the store, a file in place of the folder")
    func refusals() async throws {
        let folder = try TemporaryDirectory()
        #expect(try await history(folder).exitCode == 69)
        try await makeModel(folder, seed: "1")
        try await verify(folder, "night-2026-11-27")
        #expect(try await history(folder, "--last", "0").exitCode == 64)
        #expect(try await history(folder, "--html", folder.file("store/tensors")).exitCode == 64)
        let file = try folder.write("file", Array("a file".utf8))
        let refused = try await history(folder, "--html", file)
        #expect(refused.exitCode == 69 && refused.errors.contains("cannot be written"), "\(refused.errors)")
        #expect(try text(file) == "a file")
    }
}
