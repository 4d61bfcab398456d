import Foundation
import TestSupport
import Testing

@Suite("Several models in one file, as a user meets them", .serialized)
struct SeveralModelCommandTests {
    private static let file = Goldens.path("stored/two-models.pth")
    private static let config = ["--config", Goldens.path("checkpoints/hub4")]

    private func inspect(_ arguments: String...) async throws -> JSONObject {
        try await Program.coordinator.run(["checkpoint", "inspect", "--json"] + arguments + Self.config).json
    }

    @Test("inspect lists them with keys, sizes and digests, marks the one taken, and shows the outline of the file")
    func inspects() async throws {
        let json = try await inspect(Self.file)
        #expect(json["key"] == "model")
        let models = try json.objects("models")
        #expect(models.compactMap { $0["key"] } == ["model", "ema"])
        #expect(models.map { $0.bool("taken") } == [true, false])
        #expect(models.last?["weights_sha256"] == GoldenForm.weights)
        #expect(models.allSatisfy { $0.number("tensors") == 62 && $0.number("bytes") == 40_812 })
        let nodes = try json.objects("contents")
        let keys = nodes.filter { $0.number("depth") == 1 }.compactMap { $0["key"] }
        #expect(keys == ["model", "ema", "epoch", "optimizer"])
        #expect(nodes.contains { $0["key"] == "model.vit" } && nodes.contains { $0["summary"] == "3" })
        let text = try await Program.coordinator.run(["checkpoint", "inspect", Self.file] + Self.config).output
        let lines = text.split(separator: "\n").map { $0.split(separator: " ").joined(separator: " ") }
        #expect(lines.contains { $0.hasPrefix("model 62 tensors") && $0.hasSuffix("<- taken") }, "\(text)")
        #expect(lines.contains { $0.hasPrefix("taken model 62 tensors 40,812 bytes weights_sha256") }, "\(text)")
    }

    @Test("--weights and FILE#KEY choose, in inspect, infer, convert and diff")
    func chooses() async throws {
        for arguments in [[Self.file, "--weights", "ema"], [Self.file + "#ema"]] {
            let result = try await Program.coordinator.run(
                ["checkpoint", "inspect", "--json"] + arguments + Self.config)
            #expect(try result.json["weights_sha256"] == GoldenForm.weights)
        }
        let folder = try TemporaryDirectory()
        let converted = try await Program.coordinator.run(
            ["checkpoint", "convert", Self.file, folder.file("ema.pth"), "--to", "state-dict", "--weights", "ema"]
                + Self.config)
        #expect(converted.exitCode == 0 && converted.output.contains(GoldenForm.weights), "\(converted.errors)")
        let equal = try await Program.coordinator.run(
            ["checkpoint", "diff", "--weights-only", Self.file + "#ema", Goldens.path("checkpoints/hub4")] + Self.config
        )
        #expect(equal.exitCode == 0, "\(equal.output)\(equal.errors)")
        let other = try await Program.coordinator.run(
            ["checkpoint", "diff", Self.file + "#ema", Self.file + "#model"] + Self.config)
        #expect(other.exitCode == 1 && other.output.contains("vit.layernorm.bias"), "\(other.output)\(other.errors)")
        for (key, note) in [("model", true), ("ema", true)] {
            let result = try await Program.coordinator.run(
                ["infer", "--model", Self.file, "--weights", key, "--output", folder.file(key)] + Self.config)
            #expect(result.exitCode == 0)
            #expect(result.errors.contains("the file holds 2 models") == note, "\(result.errors)")
        }
        #expect(other.output.contains("two-models.pth#ema") && other.output.contains("two-models.pth#model"))
        let both = try await Program.coordinator.run(
            ["checkpoint", "inspect", Self.file + "#model", "--weights", "ema"] + Self.config)
        #expect(both.exitCode == 64 && both.errors.contains("Give one of them."), "\(both.errors)")
        let compared = try await Program.bench.run(
            [
                "compare", "--model", Self.file + "#ema", "--other-model", Self.file + "#model", "--other-backend",
                "cpu",
                "--batch-size", "1",
            ] + Self.config)
        #expect(compared.exitCode == 1, "\(compared.output)\(compared.errors)")
        let missing = try await Program.coordinator.run(
            ["infer", "--model", Self.file + "#teacher", "--output", folder.file("none")] + Self.config)
        #expect(missing.exitCode == 65 && missing.errors.contains("model, ema"), "\(missing.errors)")
    }

    @Test("verify says that another model of the file is the one that the others loaded, and its remedy agrees")
    func verifies() async throws {
        let pretrained = ["--method", "pretrained=\(Goldens.path("checkpoints/hub4"))"] + Self.config
        let site = try await VerifySite(pretrained + ["--method", "state-dict=\(Self.file)"], workers: 1)
        let worker = try site.worker("one")
        let result = try await site.coordinator.result()
        #expect(result.exitCode == 1, "\(result.output)\(result.errors)")
        let finding = try #require(try site.report.objects("findings").first { $0["code"] == "weights-differ" })
        let evidence = try finding.strings("evidence").joined(separator: " ")
        #expect(evidence.contains("`ema` in \(Self.file) has the weights that `pretrained` loaded."), "\(evidence)")
        let remedy = try #require(finding["remedy"])
        #expect(remedy.contains("--method state-dict=\(Self.file)#ema"), "\(remedy)")
        try await VerifySite.dismiss([worker])
        let again = try await VerifySite(pretrained + ["--method", "state-dict=\(Self.file)#ema"], workers: 1)
        let other = try again.worker("one")
        #expect(try await again.coordinator.result().exitCode == 0)
        #expect(try again.report.objects("methods").contains { $0["weights"] == "ema" })
        try await VerifySite.dismiss([other])
    }
}
