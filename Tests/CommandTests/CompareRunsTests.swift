import Foundation
import TestSupport
import Testing

@Suite("mae-coord compare", .serialized)
struct CompareRunsTests {
    private func verify(_ folder: TemporaryDirectory, _ run: String, _ model: String) async throws {
        let result = try await Program.coordinator.run([
            "verify", "--local", "1", "--workers", "1", "--method", "pretrained=\(model)", "--method",
            "state-dict=\(model)/model.safetensors", "--store", folder.file("store"), "--run", run,
        ])
        #expect(result.exitCode == 0, "\(result.output)\(result.errors)")
    }

    private func compare(_ folder: TemporaryDirectory, _ arguments: [String]) async throws -> CommandResult {
        try await Program.coordinator.run(["compare", "--store", folder.file("store")] + arguments)
    }

    @Test("a night with the bits of the one before, and one whose checkpoint was replaced")
    func nights() async throws {
        let folder = try TemporaryDirectory()
        let model = folder.file("model")
        func makeModel(_ seed: String) async throws {
            try? FileManager.default.removeItem(atPath: model)
            let made = try await Program.coordinator.run([
                "checkpoint", "init", "--preset", "tiny", "--seed", seed, "--output", model,
            ])
            #expect(made.exitCode == 0, "\(made.errors)")
        }
        try await makeModel("1")
        try await verify(folder, "monday", model)
        try await verify(folder, "tuesday", model)
        let same = try await compare(folder, ["monday", "tuesday"])
        #expect(same.exitCode == 0 && same.output.contains("SAME  2 results"), "\(same.output)\(same.errors)")

        try await makeModel("2")
        try await verify(folder, "wednesday", model)
        let json = folder.file("compared.json")
        let other = try await compare(folder, ["monday", "--json", json])
        #expect(other.exitCode == 1, "\(other.errors)")
        #expect(other.output.contains("run wednesday, set against run monday"), "\(other.output)")
        #expect(other.output.contains("`model.safetensors`") && other.output.contains("DIFFERENT"), "\(other.output)")
        #expect(other.output.contains("Weights by `pretrained`"), "\(other.output)")
        let document = try JSONSerialization.jsonObject(with: Data(contentsOf: URL(fileURLWithPath: json)))
        let object = try #require(document as? [String: Any])
        #expect(object["outcome"] as? String == "different")
        let entries = try #require(object["entries"] as? [[String: Any]])
        #expect(entries.count == 2 && entries.allSatisfy { $0["stage"] as? String == "weights" })

        // Set against itself any run would agree, which says nothing.
        let itself = try await compare(folder, ["wednesday"])
        #expect(
            itself.exitCode == 64 && itself.errors.contains("mae-coord compare EARLIER wednesday"), "\(itself.errors)")

        let unknown = try await compare(folder, ["sunday"])
        #expect(unknown.exitCode == 65 && unknown.errors.contains("sunday"), "\(unknown.errors)")
    }

    @Test("report judges again by the tolerance that is asked for, under either name")
    func tolerance() async throws {
        let folder = try TemporaryDirectory()
        let model = try await VerifySite.tinyModel()
        try await verify(folder, "night", model.file("model"))
        for name in ["report", "show"] {
            let shown = try await Program.coordinator.run([
                name, "night", "--atol", "0", "--rtol", "0", "--store", folder.file("store"),
            ])
            #expect(shown.exitCode == 0 && shown.output.contains("AGREE"), "\(shown.output)\(shown.errors)")
        }
        let wrong = try await Program.coordinator.run(["show", "night", "--atol=-1", "--store", folder.file("store")])
        #expect(wrong.exitCode == 64)
    }
}
