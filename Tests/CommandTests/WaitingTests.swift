import Foundation
import Glibc
import TestSupport
import Testing

@Suite("What mae-coord verify says while it waits for workers")
struct WaitingTests {
    let folder: TemporaryDirectory

    init() throws { folder = try TemporaryDirectory() }

    private func end(_ site: VerifySite) async throws {
        site.coordinator.send(signal: SIGTERM)
        _ = try await site.coordinator.result()
    }

    @Test("the line that starts a worker is there at once, and starts one")
    func invitation() async throws {
        let site = try await VerifySite(VerifySite.goldenMethods, folder: folder)
        try await site.coordinator.waitFor("waiting for 2 workers at \(site.endpoint)")
        let lines = site.coordinator.errors.split(separator: "\n")
        let line = try #require(lines.first { $0.contains("waiting for 2") })
        let words = try #require(line.components(separatedBy: ": mae-worker ").last)
            .split(separator: " ").map(String.init)
        #expect(words == ["--connect", site.endpoint, "--name", "worker-1"])
        let worker = try Program.worker.start(words + ["--threads", "1", "--models", "/"])
        // Half a minute later, how many have come and the line for the next.
        try await site.coordinator.waitFor("1 of 2 workers is here (worker-1)")
        let next = try #require(
            site.coordinator.errors.split(separator: "\n").last { $0.contains("1 of 2 workers is here") })
        #expect(next.hasSuffix("mae-worker --connect \(site.endpoint) --name worker-2"), "\(next)")
        #expect(!site.coordinator.errors.contains("s left"), "\(site.coordinator.errors)")
        try await end(site)
        try await VerifySite.dismiss([worker])
    }

    @Test("with keys the line names the file of a node that was added, and a host that other machines know")
    func keys() async throws {
        for arguments in [["init"], ["add", "left"]] {
            let result = try await Program.coordinator.run(["keys"] + arguments, in: folder.path)
            try #require(result.exitCode == 0, "\(result.errors)")
        }
        let site = try await VerifySite(VerifySite.goldenMethods + ["--bind", "tcp://0.0.0.0:*"], folder: folder)
        let port = try #require(site.endpoint.split(separator: ":").last)
        let host = ProcessInfo.processInfo.hostName
        try await site.coordinator.waitFor("mae-worker --connect tcp://\(host):\(port) --key left.key")
        try await end(site)
    }

    @Test("before any node was added, the line says how one is")
    func noNodes() async throws {
        let result = try await Program.coordinator.run(["keys", "init"], in: folder.path)
        try #require(result.exitCode == 0, "\(result.errors)")
        let site = try await VerifySite(VerifySite.goldenMethods + ["--secure"], folder: folder)
        try await site.coordinator.waitFor("--key NODE.key, with the file that `mae-coord keys add NODE` writes")
        try await end(site)
    }

    @Test("--quiet says nothing of all that, and the report all the same")
    func quiet() async throws {
        let site = try await VerifySite(
            VerifySite.goldenMethods + ["--quiet", "--bind", "ipc://" + folder.file("socket")], workers: 1,
            folder: folder)
        let worker = try site.worker("one")
        let result = try await site.coordinator.result()
        #expect(result.exitCode == 0 && result.errors.isEmpty, "\(result.errors)")
        #expect(result.output.contains("AGREE"))
        try await VerifySite.dismiss([worker])
    }
}
