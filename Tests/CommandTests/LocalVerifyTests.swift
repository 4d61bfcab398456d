import Foundation
import Glibc
import TestSupport
import Testing

@Suite("mae-coord verify --local, with the workers that it starts", .serialized)
struct LocalVerifyTests {
    let folder: TemporaryDirectory

    init() throws { folder = try TemporaryDirectory() }

    private func start(_ options: [String], _ environment: [String: String] = [:]) throws -> RunningCommand {
        try Program.coordinator.start(
            ["verify", "--store", folder.file("store"), "--json", folder.file("report.json")] + options,
            environment: environment.merging(["TMPDIR": folder.path]) { $1 })
    }

    private var report: JSONObject {
        get throws { try JSONObject(Data(contentsOf: URL(fileURLWithPath: folder.file("report.json")))) }
    }

    /// Processes of mae-worker that work for a coordinator in the folder.
    private func workers() -> [pid_t] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return names.compactMap { pid_t($0) }.filter { id in
            guard let line = try? String(contentsOfFile: "/proc/\(id)/cmdline", encoding: .utf8) else { return false }
            return line.contains("mae-worker") && line.contains(folder.path)
        }
    }

    private func expectNothingLeft() async throws {
        try await eventually("no worker is left") { workers().isEmpty }
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        #expect(!names.contains { $0.hasPrefix("mae-verify-") }, "\(names)")
    }

    @Test("one command: two workers of different kinds agree, and nothing is left of them")
    func agreement() async throws {
        let result = try await start(VerifySite.goldenMethods + ["--local", "2"]).result()
        #expect(result.exitCode == 0, "\(result.output)\(result.errors)")
        #expect(result.output.contains("AGREE  All 6 results"))
        let nodes = try report.objects("nodes")
        #expect(nodes.compactMap { $0["name"] as String? } == ["worker-1", "worker-2"])
        let kinds = Set(nodes.map { "\($0["backend"] ?? "") \($0["isa"] ?? "")" })
        #expect(kinds.count == 2, "\(kinds)")
        try await expectNothingLeft()
    }

    @Test("threads are shared out, and what the last worker computes with is chosen")
    func options() async throws {
        let result = try await start(
            VerifySite.goldenMethods + ["--local", "3", "--threads", "4", "--local-other", "scalar"]
        ).result()
        #expect(result.exitCode == 0, "\(result.output)\(result.errors)")
        let nodes = try report.objects("nodes")
        #expect(nodes.compactMap { $0.number("threads") } == [2, 1, 1])
        #expect(nodes.last?["isa"] == "scalar")
    }

    @Test("with keys the workers have some of their own, which nobody was given")
    func keys() async throws {
        let made = try await Program.coordinator.run(["keys", "init"], in: folder.path)
        try #require(made.exitCode == 0, "\(made.errors)")
        let result = try await start(
            VerifySite.goldenMethods + ["--local", "2", "--secure", "--bind", "tcp://127.0.0.1:*"]
        ).result()
        #expect(result.exitCode == 0, "\(result.output)\(result.errors)")
        let list = try await Program.coordinator.run(["keys", "list", "--json"], in: folder.path).json
        #expect(try list.objects("nodes").isEmpty && list.objects("revoked").isEmpty)
        try await expectNothingLeft()
    }

    @Test("one that is started elsewhere takes part too when --bind and --workers say so")
    func guests() async throws {
        let site = try await VerifySite(VerifySite.goldenMethods + ["--local", "1"], workers: 2, folder: folder)
        let worker = try site.worker("elsewhere")
        let result = try await site.coordinator.result()
        #expect(result.exitCode == 0, "\(result.output)\(result.errors)")
        #expect(try site.report.objects("nodes").compactMap { $0["name"] as String? } == ["elsewhere", "worker-1"])
        try await VerifySite.dismiss([worker])
    }

    @Test("without --bind, one that is started elsewhere takes part at the socket file of this user")
    func guestsAtDefault() async throws {
        let run = folder.file("run")
        try FileManager.default.createDirectory(atPath: run, withIntermediateDirectories: false)
        let command = try start(
            VerifySite.goldenMethods + ["--local", "1", "--workers", "2"], ["XDG_RUNTIME_DIR": run])
        let worker = try Program.worker.start(
            ["--name", "elsewhere", "--threads", "1", "--models", "/"], environment: ["XDG_RUNTIME_DIR": run])
        let result = try await command.result()
        #expect(result.exitCode == 0, "\(result.output)\(result.errors)")
        #expect(try report.objects("nodes").compactMap { $0["name"] as String? } == ["elsewhere", "worker-1"])
        try await VerifySite.dismiss([worker])
    }

    @Test("workers read the files where they are, also in a hub cache, and copy none", arguments: [false, true])
    func readsInPlace(byName: Bool) async throws {
        let hub = folder.file("hub/models--owner--name")
        for path in ["blobs", "refs", "snapshots/c0ffee"] {
            try FileManager.default.createDirectory(atPath: "\(hub)/\(path)", withIntermediateDirectories: true)
        }
        try "c0ffee".write(toFile: hub + "/refs/main", atomically: false, encoding: .utf8)
        let snapshot = hub + "/snapshots/c0ffee"
        for name in ["config.json", "model.safetensors"] {
            try FileManager.default.copyItem(
                atPath: Goldens.path("checkpoints/hub5/\(name)"), toPath: "\(hub)/blobs/\(name)")
            #expect(symlink("../../blobs/\(name)", "\(snapshot)/\(name)") == 0)
        }
        let result = try await start(
            ["--method", "pretrained=\(byName ? "owner/name" : snapshot)", "--local", "2"],
            ["XDG_CACHE_HOME": folder.file("cache"), "HF_HUB_CACHE": folder.file("hub")]
        ).result()
        #expect(result.exitCode == 0, "\(result.output)\(result.errors)")
        #expect(!FileManager.default.fileExists(atPath: folder.file("cache/mae-cluster/checkpoints/files")))
    }

    @Test("a signal and the time limit end the workers too", arguments: [SIGINT, SIGTERM, 0])
    func endings(signal: Int32) async throws {
        let model = try await VerifySite.tinyModel()
        let options = ["--method", "pretrained=\(model.file("model"))", "--batches", "2000", "--local", "2"]
        let command = try start(options + (signal == 0 ? ["--timeout", "3"] : []))
        try await eventually("both work") { workers().count == 2 }
        if signal != 0 { command.send(signal: signal) }
        _ = try await command.result()
        try await expectNothingLeft()
    }

    @Test("workers leave when the coordinator is killed")
    func killed() async throws {
        let model = try await VerifySite.tinyModel()
        let command = try start(["--method", "pretrained=\(model.file("model"))", "--batches", "2000", "--local", "2"])
        try await eventually("both work") { workers().count == 2 }
        command.send(signal: SIGKILL)
        _ = try await command.result()
        try await eventually("no worker is left") { workers().isEmpty }
    }

    @Test("a worker that ends by itself is told of with its log, and the run ends without it")
    func failure() async throws {
        let result = try await start(
            VerifySite.goldenMethods + ["--local", "2", "--local-other", "vulkan:999"]
        ).result()
        #expect(result.exitCode == 2, "\(result.output)\(result.errors)")
        let line = try #require(result.errors.split(separator: "\n").first { $0.contains("ended with exit code 69") })
        #expect(line.contains("worker-2") && line.contains("worker-2.log"), "\(line)")
        let word = try #require(line.split(separator: " ").first { $0.contains("worker-2.log") })
        let path = String(word).trimmingCharacters(in: CharacterSet(charactersIn: ","))
        #expect(try !String(contentsOfFile: path, encoding: .utf8).isEmpty)
        try await eventually("no worker is left") { workers().isEmpty }
    }

    @Test("a worker of this machine that was told to drain before is told of at once, with what lets it work")
    func drainedBefore() async throws {
        let store = folder.file("store")
        let first = try await start(VerifySite.goldenMethods + ["--local", "2"]).result()
        #expect(first.exitCode == 0, "\(first.errors)")
        #expect(try await Program.coordinator.run("drain", "worker-1", "--store", store).exitCode == 0)
        let result = try await start(VerifySite.goldenMethods + ["--local", "2", "--quiet", "--timeout", "5"]).result()
        #expect(result.exitCode != 0)
        let line =
            "mae-coord: worker-1 was told to drain before this run, and gets no work; to let it work: mae-coord undrain worker-1"
        #expect(result.errors.contains("\(line) --store \(store)\n"), "\(result.errors)")
    }

    @Test("a folder of temporary files whose path is too long for a socket file is no obstacle")
    func longPath() async throws {
        let long = folder.file(String(repeating: "long", count: 30))
        try FileManager.default.createDirectory(atPath: long, withIntermediateDirectories: false)
        let result = try await Program.coordinator.start(
            ["verify", "--store", folder.file("store"), "--local", "2"] + VerifySite.goldenMethods,
            environment: ["TMPDIR": long]
        ).result()
        #expect(result.exitCode == 0, "\(result.output)\(result.errors)")
    }

    @Test(
        "options that contradict each other are refused",
        arguments: [
            (["--local", "0"], "--local 0: from 1 to 64."),
            (["--threads", "2"], "for the workers that --local starts"),
            (["--local", "3", "--workers", "2"], "--workers 2: at least the 3 that --local starts."),
            (["--local", "2", "--local-other", "gpu"], "--local-other"),
        ])
    func refusals(options: [String], message: String) async throws {
        let result = try await Program.coordinator.run(["verify", "--method", "full=m"] + options)
        #expect(result.exitCode == 64 && result.errors.contains(message), "\(result.errors)")
    }
}
