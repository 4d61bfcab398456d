import Foundation
import Glibc
import TestSupport
import Testing

@Suite("Where a coordinator and workers of one user meet", .serialized)
struct DefaultEndpointTests {
    let folder: TemporaryDirectory
    let environment: [String: String]
    private static let stranger: uid_t = 12345

    init() throws {
        folder = try TemporaryDirectory()
        environment = ["XDG_RUNTIME_DIR": folder.path]
    }

    private func verify(_ options: [String]) throws -> RunningCommand {
        try Program.coordinator.start(
            ["verify", "--store", folder.file("store-\(UUID().uuidString)")] + VerifySite.goldenMethods + options,
            environment: environment)
    }

    private func worker(_ options: [String], environment: [String: String]? = nil) throws -> RunningCommand {
        try Program.worker.start(
            ["--threads", "1", "--models", "/"] + options, environment: environment ?? self.environment)
    }

    private func mode(_ path: String) -> mode_t {
        var status = stat()
        return lstat(path, &status) == 0 ? status.st_mode : 0
    }

    @Test("commands without an endpoint find each other, whichever is first, in a folder closed to others")
    func meet() async throws {
        let first = try worker(["--name", "first"])
        try await first.waitFor("class")
        let coordinator = try verify(["--workers", "2"])
        let second = try worker(["--name", "second"])
        let result = try await coordinator.result()
        #expect(result.exitCode == 0, "\(result.output)\(result.errors)")
        #expect(!(result.errors + first.errors).contains("account"), "\(result.errors)\(first.errors)")
        #expect(mode(folder.file("mae")) == S_IFDIR | 0o700)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.file("mae")) == ["coordinator"])
        #expect(mode(folder.file("mae/coordinator")) == S_IFSOCK | 0o700)
        try await VerifySite.dismiss([first, second])
    }

    @Test("a second coordinator is refused with what to do, and the first goes on", arguments: [false, true])
    func secondCoordinator(isNamed: Bool) async throws {
        let options = isNamed ? ["--bind", "ipc://" + folder.file("socket")] : []
        let first = try verify(["--workers", "1"] + options)
        try await first.waitFor("waiting for 1 worker")
        let second = try await verify(options).result()
        #expect(second.exitCode == 69)
        #expect(second.errors.contains("another mae-coord listens at ipc://"), "\(second.errors)")
        #expect(second.errors.contains("--bind ipc://"), "\(second.errors)")
        let worker = try worker(isNamed ? ["--connect", "ipc://" + folder.file("socket")] : [])
        #expect(try await first.result().exitCode == 0)
        try await VerifySite.dismiss([worker])
    }

    @Test("a socket that a killed coordinator left behind is replaced")
    func leftBehind() async throws {
        let killed = try verify(["--workers", "1"])
        try await killed.waitFor("waiting for 1 worker")
        killed.send(signal: SIGKILL)
        _ = try await killed.result()
        #expect(mode(folder.file("mae/coordinator")) & S_IFMT == S_IFSOCK)
        let again = try verify(["--workers", "1"])
        let worker = try worker([])
        #expect(try await again.result().exitCode == 0)
        try await VerifySite.dismiss([worker])
    }

    @Test("at a loopback address both sides say who can take part, and what is safer")
    func loopback() async throws {
        let site = try await VerifySite(VerifySite.goldenMethods, workers: 1, folder: folder)
        try await site.coordinator.waitFor("every account of this machine can take part at \(site.endpoint)")
        let worker = try site.worker("one")
        try await worker.waitFor("any account of this machine could pass for the coordinator at \(site.endpoint)")
        let result = try await site.coordinator.result()
        #expect(result.exitCode == 0 && result.errors.contains("--secure"), "\(result.errors)")
        #expect(worker.errors.contains("--key"), "\(worker.errors)")
        try await VerifySite.dismiss([worker])
    }

    @Test("a socket file that others could have put there is refused by both sides")
    func openFolder() async throws {
        let open = folder.file("open")
        try #require(mkdir(open, 0o700) == 0 && chmod(open, 0o777) == 0)
        let endpoint = "ipc://\(open)/socket"
        for result in [
            try await worker(["--connect", endpoint]).result(), try await verify(["--bind", endpoint]).result(),
        ] {
            #expect(result.exitCode == 69)
            #expect(result.errors.contains("others may write to the folder \(open)"), "\(result.errors)")
        }
        let missing = try await worker(["--connect", "ipc://\(open)/none/socket"]).result()
        #expect(missing.exitCode == 69 && missing.errors.contains("there is no folder"), "\(missing.errors)")
    }

    @Test("a socket file in another user's folder is refused", .enabled(if: geteuid() == 0))
    func foreignFolder() async throws {
        let foreign = folder.file("foreign")
        try #require(mkdir(foreign, 0o755) == 0 && chown(foreign, Self.stranger, Self.stranger) == 0)
        let endpoint = "ipc://\(foreign)/socket"
        for result in [
            try await worker(["--connect", endpoint]).result(), try await verify(["--bind", endpoint]).result(),
        ] {
            #expect(result.exitCode == 69)
            #expect(result.errors.contains("the folder \(foreign) belongs to another user"), "\(result.errors)")
        }
        // A folder of the session that is another user's is left alone.
        let worker = try worker([], environment: ["XDG_RUNTIME_DIR": foreign])
        try await worker.waitFor("class")
        try await VerifySite.dismiss([worker])
        #expect(try FileManager.default.contentsOfDirectory(atPath: foreign).isEmpty)
    }
}
