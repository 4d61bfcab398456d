import Foundation
import Glibc
import TestSupport
import Testing

/// Real workers that do not have the checkpoint.
@Suite("Checkpoints fetched by real workers", .serialized)
struct FetchedCheckpointTests {
    let folder: TemporaryDirectory
    /// The tiny model with a tensor of 192 MB beside it that is no parameter: it takes a while to travel, none to compute.
    let model: String

    init() throws {
        folder = try TemporaryDirectory()
        model = folder.file("model")
        try FileManager.default.createDirectory(atPath: model, withIntermediateDirectories: true)
        let source = Goldens.path("checkpoints/hub5")
        try FileManager.default.copyItem(atPath: source + "/config.json", toPath: model + "/config.json")
        let weights = try Data(contentsOf: URL(fileURLWithPath: source + "/model.safetensors"))
        try Self.padded(weights, by: 192 << 20).write(to: URL(fileURLWithPath: model + "/model.safetensors"))
    }

    /// A safetensors file with `count` more bytes, in a tensor named `padding`.
    private static func padded(_ file: Data, by count: Int) throws -> Data {
        let headerCount = file.prefix(8).enumerated().reduce(0) { $0 | Int($1.element) << (8 * $1.offset) }
        var header = try #require(
            JSONSerialization.jsonObject(with: file[8..<8 + headerCount]) as? [String: Any])
        let end = file.count - 8 - headerCount
        header["padding"] = ["dtype": "F32", "shape": [count / 4], "data_offsets": [end, end + count]]
        var text = try JSONSerialization.data(withJSONObject: header)
        text.append(Data(repeating: 0x20, count: (8 - text.count % 8) % 8))
        var length = UInt64(text.count).littleEndian
        var padded = withUnsafeBytes(of: &length) { Data($0) } + text + file[(8 + headerCount)...]
        var generator = SplitMix(seed: 1)
        var padding = [UInt64](repeating: 0, count: count / 8)
        // Small numbers: all finite, and no two chunks alike.
        for index in padding.indices { padding[index] = generator.next() & 0x3FFF_FFFF_3FFF_FFFF }
        padding.withUnsafeBytes { padded.append(contentsOf: $0) }
        return padded
    }

    /// Bytes of the file that is being fetched into `cache`; 0 when none is.
    private func partialSize(_ cache: String) -> Int {
        let partial = folder.file(cache + "/partial")
        let names = (try? FileManager.default.contentsOfDirectory(atPath: partial)) ?? []
        return names.map { name in
            (try? FileManager.default.attributesOfItem(atPath: partial + "/" + name)[.size] as? Int) ?? 0
        }.max() ?? 0
    }

    private func waitForPart(_ cache: String) async throws {
        try await eventually("a part is fetched") { partialSize(cache) >= 8 << 20 }
    }

    /// Takes the model away from its path, so that workers of this machine do not have it; the coordinator has it open.
    private func hide() throws { try FileManager.default.moveItem(atPath: model, toPath: folder.file("hidden")) }

    private func show() throws { try FileManager.default.moveItem(atPath: folder.file("hidden"), toPath: model) }

    private func worker(_ site: VerifySite, _ name: String, through relay: Relay? = nil) throws -> RunningCommand {
        try Program.worker.start([
            "--connect", relay?.endpoint ?? site.endpoint, "--name", name, "--threads", "1",
            "--cache", folder.file("cache-" + name), "--log-level", "info",
        ])
    }

    /// What stands between a site and its workers: it sends them a part of the weights, and the rest when it is told to.
    private func relay(to site: VerifySite) throws -> Relay {
        try #require(Relay(to: site.endpoint, holdingBeyond: 16 << 20))
    }

    /// The bytes that the log of a worker says were lacking when it began to fetch the weights.
    private func lacking(_ worker: RunningCommand) throws -> Int {
        let line = worker.errors.split(separator: "\n").last { $0.contains("fetching model.safetensors") }
        return try #require(line?.split(separator: " ").dropLast().last.flatMap { Int($0) }, "\(worker.errors)")
    }

    @Test("workers in an empty home, without the file, agree, and the report names what they ran")
    func emptyHome() async throws {
        let site = try await VerifySite(["--method", "pretrained=\(model)"])
        try hide()
        let workers = try ["a", "b"].map { name in
            try Program.worker.start(
                ["--connect", site.endpoint, "--name", name, "--threads", "1"],
                environment: ["HOME": folder.file("home-" + name), "XDG_CACHE_HOME": ""])
        }
        let result = try await site.coordinator.result()
        #expect(result.exitCode == 0, "\(result.output)\(result.errors)")
        let files = try #require(site.report.objects("methods").first).objects("files")
        #expect(files.map { $0["name"] } == ["config.json", "model.safetensors"])
        for home in ["home-a", "home-b"] {
            let cache = folder.file(home + "/.cache/mae-cluster/checkpoints/files")
            let cached = try FileManager.default.contentsOfDirectory(atPath: cache)
            #expect(Set(cached) == Set(files.compactMap { $0["digest"] }))
        }
        try await VerifySite.dismiss(workers)
    }

    @Test("a worker killed while it fetches goes on from what it had")
    func killedWorker() async throws {
        let site = try await VerifySite(["--method", "pretrained=\(model)"])
        try hide()
        let steady = try worker(site, "steady")
        let relay = try relay(to: site)
        let victim = try worker(site, "victim", through: relay)
        try await waitForPart("cache-victim")
        victim.send(signal: SIGKILL)
        _ = try await victim.result()
        relay.release()
        let whole = try lacking(victim)
        let part = partialSize("cache-victim")
        try #require(part > 0)
        let again = try worker(site, "victim")
        let result = try await site.coordinator.result()
        #expect(result.exitCode == 0, "\(result.output)\(result.errors)")
        #expect(try lacking(again) <= whole - (part / (1 << 20)) * (1 << 20))
        try await VerifySite.dismiss([steady, again])
    }

    @Test("a coordinator killed while workers fetch sends the rest when it is back")
    func killedCoordinator() async throws {
        let site = try await VerifySite(
            ["--method", "pretrained=\(model)", "--run", "fetched", "--log-level", "info"])
        try hide()
        let relay = try relay(to: site)
        let workers = try ["a", "b"].map { try worker(site, $0, through: relay) }
        try await waitForPart("cache-a")
        site.coordinator.send(signal: SIGKILL)
        _ = try await site.coordinator.result()
        let parts = partialSize("cache-a") + partialSize("cache-b")
        try #require(partialSize("cache-a") > 0)
        relay.release()
        try show()
        let again = try await VerifySite(
            ["--resume", "fetched", "--bind", site.endpoint, "--log-level", "info"], folder: site.folder)
        try hide()
        let result = try await again.coordinator.result()
        #expect(result.exitCode == 0, "\(result.output)\(result.errors)")
        let line = result.errors.split(separator: "\n").first { $0.contains("bytes of checkpoints were sent") }
        let sent = try #require(line?.split(separator: " ").compactMap { Int($0) }.last, "\(result.errors)")
        // What was on the way when the coordinator died is sent again: a window for each worker.
        #expect(sent <= 2 * (193 << 20) - parts + 2 * (8 << 20))
        try await VerifySite.dismiss(workers)
    }

    @Test("a run is not carried on with another checkpoint at the same path")
    func otherCheckpoint() async throws {
        let site = try await VerifySite(["--method", "pretrained=\(model)", "--run", "other", "--timeout", "1"])
        #expect(try await site.coordinator.result().exitCode == 3)
        let path = model + "/config.json"
        try (String(contentsOfFile: path, encoding: .utf8) + " ").write(toFile: path, atomically: true, encoding: .utf8)
        let result = try await Program.coordinator.run(
            "verify", "--resume", "other", "--bind", "tcp://127.0.0.1:*", "--store", site.folder.file("store"))
        #expect(result.exitCode == 65, "\(result.errors)")
        #expect(result.errors.contains(model) && result.errors.contains("other files"))
    }

    @Test("sizes of the cache are read as people write them", arguments: ["0", "-1GB", "GB", "1e30", "many"])
    func cacheLimit(text: String) async throws {
        let result = try await Program.worker.run(
            "--connect", "tcp://127.0.0.1:9", "--cache-limit=\(text)")
        #expect(result.exitCode == 64 && result.errors.contains("--cache-limit"), "\(result.errors)")
    }
}
