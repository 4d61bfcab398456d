import Foundation
import TestSupport
import Testing

@Suite("Folders and names of models on the command line")
struct FolderTests {
    private static let haveZip = ["/usr/bin/zip", "/usr/bin/unzip"].allSatisfy(FileManager.default.isExecutableFile)

    private func shell(_ script: String) async throws -> CommandResult {
        try await RunningCommand(program: "/bin/sh", arguments: ["-c", script], directory: nil).result()
    }

    /// The command that a message proposes, between its first two back quotes.
    private func proposal(in message: String) throws -> String {
        let parts = message.split(separator: "`", omittingEmptySubsequences: false)
        try #require(parts.count > 2, "\(message)")
        return String(parts[1])
    }

    private func refusal(_ path: String) async throws -> String {
        let result = try await Program.coordinator.run("checkpoint", "inspect", path)
        #expect(result.exitCode == 65)
        #expect(result.output.isEmpty)
        return result.errors
    }

    @Test(
        "a file of torch.save that was unpacked is whole again after the command that is proposed",
        .enabled(if: haveZip), arguments: ["full5.pth", "lightning-hparams.ckpt"])
    func zipsAgain(golden: String) async throws {
        let folder = try TemporaryDirectory()
        let unpacked = folder.file("unpacked here")
        #expect(try await shell("unzip -q '\(GoldenForm.path(golden))' -d '\(unpacked)'").exitCode == 0)
        let message = try await refusal(unpacked)
        let zipped = try await shell(try proposal(in: message))
        #expect(zipped.exitCode == 0, "\(zipped.errors)")
        let name = try #require(
            FileManager.default.contentsOfDirectory(atPath: unpacked).first { $0.hasSuffix(".pth") })
        #expect(message.contains("Then load \(unpacked)/\(name)"), "\(message)")
        let json = try await Program.coordinator.run("checkpoint", "inspect", "--json", "\(unpacked)/\(name)").json
        #expect(json["weights_sha256"] == GoldenForm.weights)
    }

    @Test("a configuration with a byte order mark is read after the command that is proposed")
    func takesTheMarkOff() async throws {
        let folder = try TemporaryDirectory()
        let hub = folder.file("hub")
        try FileManager.default.copyItem(atPath: GoldenForm.path("hub5"), toPath: hub)
        let text = try Data(contentsOf: URL(fileURLWithPath: hub + "/config.json"))
        try (Data([0xEF, 0xBB, 0xBF]) + text).write(to: URL(fileURLWithPath: hub + "/config.json"))
        let message = try await refusal(hub)
        #expect(message.contains("BOM"))
        #expect(try await shell(try proposal(in: message)).exitCode == 0)
        #expect(try Data(contentsOf: URL(fileURLWithPath: hub + "/config.json")) == text)
        #expect(try await Program.coordinator.run("checkpoint", "inspect", hub).exitCode == 0)
    }

    /// A hub cache with one model, and the environment that leads to it.
    private func cache(in folder: TemporaryDirectory) throws -> [String: String] {
        let model = folder.file("models--facebook--vit-mae-base")
        for part in ["snapshots", "refs"] {
            try FileManager.default.createDirectory(atPath: "\(model)/\(part)", withIntermediateDirectories: true)
        }
        try FileManager.default.copyItem(atPath: GoldenForm.path("hub5"), toPath: "\(model)/snapshots/25b184be")
        try Data("25b184be".utf8).write(to: URL(fileURLWithPath: "\(model)/refs/main"))
        return ["HF_HUB_CACHE": folder.path]
    }

    @Test("a model's name is found in the cache that the environment names, and its commit is shown")
    func findsModels() async throws {
        let folder = try TemporaryDirectory()
        let environment = try cache(in: folder)
        let result = try await Program.coordinator.run(
            ["infer", "--model", "facebook/vit-mae-base", "--batch-size", "1", "--output", folder.file("out")],
            environment: environment)
        #expect(result.exitCode == 0, "\(result.errors)")
        #expect(result.errors.contains("commit 25b184be of facebook/vit-mae-base"), "\(result.errors)")
        let missing = try await Program.coordinator.run(
            ["checkpoint", "inspect", "facebook/vit-mae-huge"], environment: environment)
        #expect(missing.exitCode == 65)
        #expect(missing.errors.contains("`hf download facebook/vit-mae-huge`"), "\(missing.errors)")
        #expect(missing.errors.contains(folder.path))
    }

    @Test("a run names a model; a worker without it fetches what the coordinator has in its cache")
    func verifiesAModelByName() async throws {
        let folder = try TemporaryDirectory()
        let environment = try cache(in: folder)
        let site = try await VerifySite(
            ["--batch-size", "1", "--method", "pretrained=facebook/vit-mae-base"], environment: environment)
        let workers = try [
            site.worker("has", environment: environment),
            site.worker(
                "lacks",
                environment: [
                    "HF_HUB_CACHE": folder.file("none"), "XDG_CACHE_HOME": site.folder.file("cache"),
                ]),
        ]
        let result = try await site.coordinator.result()
        #expect(result.exitCode == 0, "\(result.output)\(result.errors)")
        #expect(result.output.contains("commit 25b184be of facebook/vit-mae-base"), "\(result.output)")
        try await VerifySite.dismiss(workers)
    }
}
