import Foundation
import TestSupport
import Testing

@Suite("What mae-coord verify is given is checked before the run begins")
struct PathCheckTests {
    let folder: TemporaryDirectory

    init() throws { folder = try TemporaryDirectory() }

    private func verify(_ options: [String]) async throws -> CommandResult {
        try await Program.coordinator.run(
            [
                "verify", "--bind", "tcp://127.0.0.1:*", "--timeout", "1", "--batches", "50", "--store",
                folder.file("store"),
            ] + options)
    }

    /// What is given by the wrong method, and the method that is right.
    private static let confusions = [
        ("full", "state5.pth", "state-dict"), ("full", "hub5", "pretrained"),
        ("full", "state.safetensors", "state-dict"), ("state-dict", "full5.pth", "full"),
        ("state-dict", "hub5", "pretrained"), ("pretrained", "full5.pth", "full"),
        ("pretrained", "state5.pth", "state-dict"),
    ]

    @Test("a checkpoint that another method loads is refused with that method", arguments: confusions)
    func mixUps(kind: String, name: String, right: String) async throws {
        let path = Goldens.path("checkpoints/\(name)")
        let result = try await verify(["--method", "\(kind)=\(path)"])
        #expect(result.exitCode == 65)
        #expect(result.output.isEmpty)
        #expect(result.errors.hasPrefix("mae-coord: --method \(kind)=\(path): this is a"), "\(result.errors)")
        #expect(result.errors.contains("use --method \(right)=\(path)"), "\(result.errors)")
        #expect(result.errors.split(separator: "\n").count == 1, "\(result.errors)")
    }

    @Test("a path where nothing is, one that is no checkpoint and a damaged file are refused in one line")
    func unreadable() async throws {
        let text = try folder.write("notes.pth", Array("no checkpoint".utf8))
        let broken = try folder.write("broken.pth", try Goldens.bytes("checkpoints/state5.pth").prefix(5000))
        for path in [folder.file("nowhere.pth"), text, broken] {
            let result = try await verify(["--method", "state-dict=\(path)"])
            #expect(result.exitCode == 65)
            #expect(result.errors.hasPrefix("mae-coord: \(path)"), "\(result.errors)")
            #expect(result.errors.split(separator: "\n").count == 1, "\(result.errors)")
            let runs = try await Program.coordinator.run("runs", "--json", "--store", folder.file("store"))
            #expect(try runs.json.objects("runs").isEmpty)
        }
    }

    @Test("a configuration that is not there is refused, used or not", arguments: ["full=", "state-dict="])
    func configuration(kind: String) async throws {
        let path = Goldens.path("checkpoints/" + (kind == "full=" ? "full5.pth" : "state5.pth"))
        let result = try await verify(["--method", kind + path, "--config", "/nope"])
        #expect(result.exitCode == 65)
        #expect(result.errors.hasPrefix("mae-coord: /nope"), "\(result.errors)")
    }

    @Test("everything that is missing is told at once")
    func allMissing() async throws {
        let names = ["full.pth", "weights.pth", "config", "images", "baseline.json"]
        let paths = names.map { folder.file($0) }
        let result = try await verify([
            "--method", "full=\(paths[0])", "--method", "state-dict=\(paths[1])", "--config", paths[2], "--images",
            paths[3], "--baseline", paths[4],
        ])
        #expect(result.exitCode == 65 && result.output.isEmpty)
        let lines = result.errors.split(separator: "\n")
        #expect(lines.first == "mae-coord: 5 things keep this run from beginning:", "\(result.errors)")
        for path in paths { #expect(lines.count { $0.hasPrefix("\(path): ") } == 1, "\(result.errors)") }
        let runs = try await Program.coordinator.run("runs", "--json", "--store", folder.file("store"))
        #expect(try runs.json.objects("runs").isEmpty)
    }

    @Test("noise of another shape is refused with the shape that fits")
    func noise() async throws {
        let noise = Goldens.path("checkpoints/hub5")
        let output = folder.file("out")
        let made = try await Program.coordinator.run(
            "infer", "--model", noise, "--output", output, "--batch-size", "2", "--threads", "1")
        try #require(made.exitCode == 0, "\(made.errors)")
        let result = try await verify(["--method", "pretrained=\(noise)", "--noise", "file=\(output)/layernorm.npy"])
        #expect(result.exitCode == 65)
        #expect(result.errors.contains("a batch of this run takes (8, "), "\(result.errors)")
    }

    @Test("a file that workers lack too is a failure with the code that the worker gave")
    func filesNowhere() async throws {
        let path = folder.file("nowhere.pth")
        let site = try await VerifySite(
            ["--method", "full=\(path)", "--files-on-workers"], workers: 1, folder: folder)
        let worker = try site.worker("one")
        let result = try await site.coordinator.result()
        #expect(result.exitCode == 3, "\(result.output)\(result.errors)")
        let failure = try #require(try site.report.objects("failures").first)
        #expect(failure["code"] == "bad-input" && failure["error"] == "unreadableFile", "\(result.output)")
        try await VerifySite.dismiss([worker])
    }

    @Test("a worker says the same of a path that it may not read, whatever is there", arguments: [false, true])
    func filesElsewhere(isThere: Bool) async throws {
        let path = folder.file("model.pth")
        let site = try await VerifySite(
            ["--method", "full=\(path)", "--files-on-workers"], workers: 1, folder: folder)
        if isThere {
            try FileManager.default.copyItem(atPath: Goldens.path("checkpoints/full5.pth"), toPath: path)
        }
        let worker = try Program.worker.start(
            ["--connect", site.endpoint, "--name", "one", "--threads", "1", "--models", Goldens.path("checkpoints")])
        #expect(try await site.coordinator.result().exitCode == 3)
        let failure = try #require(try site.report.objects("failures").first)
        let message: String? = failure["message"]
        #expect(
            message
                == "\(path): this worker has nothing at this path that a coordinator may have read: if it is there, its operator "
                + "allows the folder with mae-worker --models DIR")
        try await VerifySite.dismiss([worker])
    }

    @Test("workers that have what this machine lacks are believed with --files-on-workers")
    func filesOnWorkers() async throws {
        let path = folder.file("model.pth")
        let refused = try await verify(["--method", "full=\(path)"])
        #expect(refused.exitCode == 65 && refused.errors.contains("--files-on-workers"), "\(refused.errors)")
        let site = try await VerifySite(
            ["--method", "full=\(path)", "--files-on-workers", "--run", "elsewhere"], workers: 1, folder: folder)
        try await site.coordinator.waitFor("\(path) is not here: workers use what they have there")
        try FileManager.default.copyItem(atPath: Goldens.path("checkpoints/full5.pth"), toPath: path)
        let worker = try site.worker("one")
        let result = try await site.coordinator.result()
        #expect(result.exitCode == 3, "\(result.output)\(result.errors)")
        #expect(try site.report.objects("cells").count == 1)
        try await VerifySite.dismiss([worker])
    }
}
