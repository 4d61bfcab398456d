import Foundation
import Glibc
import TestSupport
import Testing

@Suite("Keys that root hands to a service", .enabled(if: geteuid() == 0, "needs root"))
struct RootKeyTests {
    @Test("a worker of another user reads root's file by its group, and refuses it where others may read it")
    func group() async throws {
        let folder = try TemporaryDirectory()
        let keys = ["--keys", folder.file("keys")]
        #expect(try await Program.coordinator.run(["keys", "init"] + keys).exitCode == 0)
        let file = folder.file("node2.key")
        let added = try await Program.coordinator.run(["keys", "add", "node2", "--output", file] + keys)
        try #require(added.exitCode == 0, "\(added.errors)")
        try #require(chmod(folder.path, 0o755) == 0 && chown(file, 0, 12345) == 0)
        for (mode, isAccepted) in [(0o640, true), (0o440, true), (0o644, false), (0o660, false)] as [(mode_t, Bool)] {
            try #require(chmod(file, mode) == 0)
            let worker = try RunningCommand(
                program: "/usr/bin/setpriv",
                arguments: [
                    "--reuid", "12345", "--regid", "12345", "--clear-groups", try Program.worker.path, "--connect",
                    "tcp://127.0.0.1:1", "--key", file,
                ], directory: "/", environment: ["HOME": folder.path, "XDG_CACHE_HOME": "/nonexistent"])
            if isAccepted {
                try await worker.waitFor("node2")
                worker.send(signal: SIGTERM)
                #expect(try await worker.result().exitCode == 0)
            } else {
                let result = try await worker.result()
                #expect(result.exitCode == 65, "\(result.errors)")
                #expect(result.errors.contains("chmod 640 '\(file)'"), "\(result.errors)")
            }
        }
    }
}
