import Glibc
import TestSupport
import Testing

@Suite("Whose store is written to")
struct StoreAccessTests {
    let folder: TemporaryDirectory
    private static let stranger: uid_t = 12345

    init() throws { folder = try TemporaryDirectory() }

    @Test("a store that is another user's, or open to everyone, is read and not written to", arguments: [true, false])
    func store(isForeign: Bool) async throws {
        guard geteuid() == 0 || !isForeign else { return }
        let store = folder.file("store")
        let made = try await Program.coordinator.run(
            ["verify", "--local", "1", "--store", store] + VerifySite.goldenMethods)
        try #require(made.exitCode == 0, "\(made.errors)")
        try #require(isForeign ? chown(store, Self.stranger, 0) == 0 : chmod(store, 0o777) == 0)
        for arguments in [
            ["verify", "--local", "1"] + VerifySite.goldenMethods, ["drain", "left"], ["prune", "--keep", "0"],
        ] {
            let result = try await Program.coordinator.run(arguments + ["--store", store])
            #expect(result.exitCode == 69, "\(arguments)")
            let reason = isForeign ? "belongs to another user" : "others may write to the folder \(store)"
            #expect(result.errors.contains(reason), "\(result.errors)")
        }
        #expect(try await Program.coordinator.run("report", "--store", store).exitCode == 0)
    }
}
