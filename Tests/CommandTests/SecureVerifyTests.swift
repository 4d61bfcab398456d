import Foundation
import Glibc
import TestSupport
import Testing

@Suite("mae-coord verify with keys, with real processes", .serialized)
struct SecureVerifyTests {
    let folder: TemporaryDirectory

    init() async throws {
        folder = try TemporaryDirectory()
        try await keys("init")
        for node in ["left", "right"] { try await keys("add", node) }
    }

    private func keys(_ arguments: String...) async throws {
        let result = try await Program.coordinator.run(["keys"] + arguments, in: folder.path)
        try #require(result.exitCode == 0, "\(result.errors)")
    }

    private func worker(_ endpoint: String, _ options: String...) throws -> RunningCommand {
        try Program.worker.start(
            ["--connect", endpoint, "--threads", "1", "--models", "/", "--log-level", "debug"] + options)
    }

    private func end(_ site: VerifySite, _ workers: [RunningCommand]) async throws {
        site.coordinator.send(signal: SIGTERM)
        _ = try await site.coordinator.result()
        try await VerifySite.dismiss(workers)
    }

    @Test("two workers with keys agree over loopback, under the names of their keys")
    func agreement() async throws {
        let site = try await VerifySite(VerifySite.goldenMethods + ["--secure"], folder: folder)
        let workers = try ["left", "right"].map { try worker(site.endpoint, "--key", folder.file($0 + ".key")) }
        let result = try await site.coordinator.result()
        #expect(result.exitCode == 0, "\(result.output)\(result.errors)")
        #expect(Set(try site.report.objects("cells").compactMap { $0["node"] }) == ["left", "right"])
        try await VerifySite.dismiss(workers)
    }

    @Test("whoever does not fit is told why on both sides: no key, a revoked key, keys of another coordinator")
    func misfits() async throws {
        let other = try TemporaryDirectory()
        for arguments in [["init"], ["add", "left"]] {
            #expect(try await Program.coordinator.run(["keys"] + arguments, in: other.path).exitCode == 0)
        }
        try await keys("revoke", "right")
        let site = try await VerifySite(VerifySite.goldenMethods + ["--secure"], folder: folder)
        // The first of one kind is told however many of another kind were turned away before.
        let foreign = try worker(site.endpoint, "--key", other.file("left.key"))
        try await foreign.waitFor("another key than the coordinator's")
        try await site.coordinator.waitFor("(4 so far): it has another public key for this coordinator")
        let open = try worker(site.endpoint, "--name", "left")
        try await open.waitFor("wants keys")
        try await site.coordinator.waitFor("it uses no keys")
        let revoked = try worker(site.endpoint, "--key", folder.file("right.key"))
        try await revoked.waitFor("refused the key of right")
        try await site.coordinator.waitFor("was refused")
        try await end(site, [open, revoked, foreign])
    }

    @Test("a worker with keys tells that the coordinator uses none")
    func openCoordinator() async throws {
        let site = try await VerifySite(VerifySite.goldenMethods, folder: folder)
        let worker = try worker(site.endpoint, "--key", folder.file("left.key"))
        try await worker.waitFor("uses no keys")
        try await site.coordinator.waitFor("it uses keys")
        try await end(site, [worker])
    }

    @Test("a node revoked in mid-run is cut off, and a node added in mid-run takes its place")
    func revocation() async throws {
        let model = try await Program.coordinator.run(
            ["checkpoint", "init", "--preset", "tiny", "--seed", "1", "--output", folder.file("model")])
        try #require(model.exitCode == 0, "\(model.errors)")
        // A third node is expected that comes only after the revocation: the run cannot be over before.
        let site = try await VerifySite(
            [
                "--secure", "--method", "pretrained=\(folder.file("model"))", "--batches", "100", "--batch-size", "64",
            ], workers: 3, folder: folder)
        let left = try worker(site.endpoint, "--key", folder.file("left.key"))
        let right = try worker(site.endpoint, "--key", folder.file("right.key"))
        try await right.waitFor("computing batch 3")
        try await keys("revoke", "right")
        try await site.coordinator.waitFor("right is lost: its key was revoked")
        try await right.waitFor("refused the key of right")
        var others: [RunningCommand] = []
        for node in ["third", "fourth"] {
            try await keys("add", node)
            others.append(try worker(site.endpoint, "--key", folder.file(node + ".key")))
        }
        let result = try await site.coordinator.result()
        #expect(result.exitCode == 0, "\(result.output)\(result.errors)")
        let batches = Dictionary(grouping: try site.report.objects("cells")) { $0.number("batch") }
        #expect(batches.count == 100)
        #expect(batches.values.allSatisfy { Set($0.compactMap { $0["node"] }).count >= 3 })
        try await VerifySite.dismiss([left, right] + others)
    }

    @Test("a checkpoint that nodes with keys lack comes over connections with their keys")
    func fetching() async throws {
        let model = folder.file("model")
        try FileManager.default.copyItem(atPath: Goldens.path("checkpoints/hub5"), toPath: model)
        let site = try await VerifySite(["--secure", "--method", "pretrained=\(model)"], folder: folder)
        try FileManager.default.moveItem(atPath: model, toPath: folder.file("hidden"))
        let workers = try ["left", "right"].map {
            try worker(site.endpoint, "--key", folder.file($0 + ".key"), "--cache", folder.file("cache-" + $0))
        }
        let result = try await site.coordinator.result()
        #expect(result.exitCode == 0, "\(result.output)\(result.errors)")
        for worker in workers { #expect(worker.errors.contains("fetching model.safetensors")) }
        try await VerifySite.dismiss(workers)
    }

    @Test("with keys, an address that other machines reach is listened at")
    func everyAddress() async throws {
        let site = try await VerifySite(VerifySite.goldenMethods + ["--bind", "tcp://0.0.0.0:*"], folder: folder)
        #expect(site.endpoint.hasPrefix("tcp://0.0.0.0:"))
        let port = try #require(site.endpoint.split(separator: ":").last)
        let workers = try ["left", "right"].map {
            try worker("tcp://127.0.0.1:\(port)", "--key", folder.file($0 + ".key"))
        }
        let result = try await site.coordinator.result()
        #expect(result.exitCode == 0, "\(result.output)\(result.errors)")
        try await VerifySite.dismiss(workers)
    }

    @Test("a worker names a host that cannot be found")
    func unknownHost() async throws {
        let lost = try worker("tcp://nohost.invalid:5555", "--key", folder.file("left.key"))
        try await lost.waitFor("nohost.invalid, the host of tcp://nohost.invalid:5555, cannot be found")
        try await VerifySite.dismiss([lost])
    }

    @Test("a worker does not speak to another machine without a key, nor under another name than its key's")
    func workerArguments() async throws {
        let open = try await Program.worker.run("--connect", "tcp://192.0.2.1:5555", "--threads", "1")
        #expect(open.exitCode == 64)
        #expect(open.errors.contains("keys add"), "\(open.errors)")
        let named = try await Program.worker.run(
            ["--connect", "tcp://127.0.0.1:9", "--key", folder.file("left.key"), "--name", "right", "--threads", "1"])
        #expect(named.exitCode == 64)
        let missing = try await Program.worker.run(
            ["--connect", "tcp://127.0.0.1:9", "--key", folder.file("none.key"), "--threads", "1"])
        #expect(missing.exitCode == 65)
    }
}
