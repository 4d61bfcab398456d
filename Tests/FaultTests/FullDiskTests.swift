import Glibc
import TestSupport
import Testing

/// A store on a disk without space.
@Suite("A full disk", .serialized, .enabled(if: SmallDisk.isPossible, "only root may mount a file system"))
struct FullDiskTests {
    @Test("the run stops with exit code 69 and the remedy; with space it is carried on, and nothing is done again")
    func fullDisk() async throws {
        let batches = 600
        let disk = try SmallDisk(bytes: 400 << 10)
        let site = try await FaultSite(batchSize: 8, store: disk.path + "/store")
        site.belongings = [disk]
        try await site.begin("full", batches: batches)
        try site.startWorker("a")
        try site.startWorker("b")
        let result = try await site.coordinator.result()
        #expect(result.exitCode == 69, "\(result.output)\(result.errors)")
        #expect(result.errors.contains("\(site.store)/mae.sqlite: no space left: free some"), "\(result.errors)")
        let stored = try site.results()
        #expect(stored.count > 0 && stored.count < batches * 2)
        for worker in site.workers.values { _ = worker.takeBegun() }

        try disk.resize(bytes: 64 << 20)
        try site.resume()
        try await site.finish()
        #expect(Array(try site.results().prefix(stored.count)) == stored)
        let again = site.workers.values.flatMap { $0.takeBegun() }
        #expect(Set(again).isDisjoint(with: stored.map(\.place)))
        try await site.dismiss()

        let calm = try await site.calmRun(batches: batches)
        try site.expectWhole(of: "full", batches: batches, like: calm)
    }
}

/// A file system in memory, of the size that a test gives it.
final class SmallDisk {
    private let folder: TemporaryDirectory

    var path: String { folder.path }

    /// Whether this process may mount one.
    static let isPossible: Bool = {
        guard getuid() == 0, let disk = try? SmallDisk(bytes: 1 << 16) else { return false }
        return !disk.path.isEmpty
    }()

    init(bytes: Int) throws {
        folder = try TemporaryDirectory()
        guard mount("tmpfs", folder.path, "tmpfs", 0, "size=\(bytes)") == 0 else { throw MountError(number: errno) }
    }

    func resize(bytes: Int) throws {
        guard mount("tmpfs", folder.path, "tmpfs", UInt(MS_REMOUNT), "size=\(bytes)") == 0 else {
            throw MountError(number: errno)
        }
    }

    deinit { umount2(folder.path, CInt(MNT_DETACH)) }
}

/// A file system could not be mounted.
struct MountError: Error {
    let number: CInt
}
