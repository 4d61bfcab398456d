import Foundation
import MAEContent
import MAEDomain
import MAETensor
import MAEWire
import TestSupport
import Testing

@testable import MAEWorker

/// What a coordinator learns of a worker's disk by naming paths in jobs.
@Suite("Folders that jobs may name files in")
struct ModelFolderTests {
    let folder: TemporaryDirectory
    let lines = LogLines()

    /// `allowed` and `secret` are two folders with the same model.
    init() throws {
        folder = try TemporaryDirectory()
        for name in ["allowed", "secret"] {
            try FileManager.default.createDirectory(atPath: folder.file(name), withIntermediateDirectories: false)
            for (source, target) in [("hub5", "hub"), ("full5.pth", "full.pth")] {
                try FileManager.default.copyItem(
                    atPath: Goldens.path("checkpoints/\(source)"), toPath: folder.file("\(name)/\(target)"))
            }
        }
    }

    private struct NoCoordinator: Error {}

    private func supply(fetches: Bool = true, reading folders: [String]? = nil) -> CheckpointSupply {
        CheckpointSupply(
            cache: ContentCache(directory: folder.file("cache"), limit: 1 << 30),
            folders: ModelFolders(folders ?? [folder.file("allowed")]), fetches: fetches, log: lines.logger
        ) { _ in throw NoCoordinator() }
    }

    private func job(_ checkpoint: String, _ digest: SHA256Digest? = nil) -> JobRequest {
        var job = JobRequest(
            lease: Lease(id: LeaseID(rawValue: 0), epoch: Epoch(rawValue: 1)), run: "r", shard: 0, method: .full,
            label: "full", checkpoint: checkpoint, batchIndex: 0, seed: 42, batchSize: 1)
        job.checkpointFiles = digest
        return job
    }

    private let control = ShardControl(report: { _ in }, isCancelled: { false })

    /// What the coordinator is told of a job that fails, without the path that it named itself.
    private func answer(_ supply: CheckpointSupply, _ job: JobRequest) throws -> String {
        let error = #expect(throws: JobFailure.self) { try supply.place(of: job, control) }
        let failure = try #require(error)
        return "\(failure.code) \(failure.fault) \(failure)".replacing(job.checkpoint, with: "PATH")
    }

    private var digest: SHA256Digest {
        get throws {
            let listing = FileListing(path: folder.file("secret/full.pth"), isDirectory: false, names: ["full.pth"])
            return try ReadFiles(listing, memory: DigestMemory()).manifest.digest
        }
    }

    /// Paths out of the allowed folder, by every way that leads there, with and without something at their end.
    private func paths() throws -> [String] {
        try #require(symlink("../secret", folder.file("allowed/way")) == 0)
        try #require(symlink("secret/none", folder.file("dangling")) == 0)
        try #require(symlink("allowed/full.pth", folder.file("inwards.pth")) == 0)
        return [
            "secret/full.pth", "secret/hub", "secret", "secret/none.pth", "none/none.pth", "allowed/way/full.pth",
            "allowed/way/none.pth", "allowed/../secret/full.pth", "allowed/../secret/none", "dangling",
            // Files next to the link would be compared with the one that it leads to.
            "inwards.pth",
        ].map { folder.file($0) } + ["/etc/passwd", "/dev/zero", "/etc/none", "facebook/none"]
    }

    @Test("without files at the coordinator, every path outside has the same answer, which names the option")
    func unnamed() throws {
        let answers = try paths().map { try answer(supply(), job($0)) }
        #expect(Set(answers).count == 1, "\(Set(answers))")
        #expect(answers[0].contains("mae-worker --models DIR"))
    }

    @Test("files that the coordinator names by digest, and that it must not send, have one answer too")
    func named() throws {
        let digest = try digest
        let answers = try paths().map { try answer(supply(fetches: false), job($0, digest)) }
        #expect(Set(answers).count == 1, "\(Set(answers))")
    }

    @Test("the very file that is wanted is fetched all the same when it is outside")
    func fetched() throws {
        let digest = try digest
        for path in try paths() {
            #expect(throws: NoCoordinator.self) { try supply().place(of: job(path, digest), control) }
        }
        #expect(throws: NoCoordinator.self) {
            try supply(reading: []).place(of: job(folder.file("allowed/full.pth"), digest), control)
        }
    }

    @Test("configurations and images are looked at in the same folders")
    func otherFiles() throws {
        var state = job(folder.file("allowed/full.pth"))
        var answers: Set<String> = []
        for name in ["secret/hub", "secret/none"] {
            state.configuration = folder.file(name)
            let error = #expect(throws: JobFailure.self) { try supply().place(of: state, control) }
            answers.insert("\(try #require(error))".replacing(folder.file(name), with: "PATH"))
        }
        #expect(answers.count == 1, "\(answers)")
        let images = folder.file("secret/images.npy")
        try FileManager.default.copyItem(atPath: Goldens.path("checkpoints/hub5/config.json"), toPath: images)
        var findings: [LoadFinding] = []
        for path in [images, folder.file("secret/none.npy")] {
            let wanted = JobRequest.Images(path: path, files: try digest, first: 0)
            #expect(throws: NoCoordinator.self) {
                try supply().images(wanted, of: job(path), control, &findings)
            }
        }
        #expect(findings.isEmpty)
    }

    @Test("a file in an allowed folder is used where it is, under whatever name of the folder")
    func inside() throws {
        let digest = try digest
        let path = folder.file("allowed/full.pth")
        for folders in [[folder.file("allowed")], [folder.path + "/"], ["/"], [folder.file("allowed/../allowed")]] {
            let place = try supply(reading: folders).place(of: job(path, digest), control)
            #expect(place.checkpoint.path == path && place.checkpoint.held.isEmpty)
            #expect(try supply(reading: folders).place(of: job(path), control).checkpoint.path == path)
        }
        // Not a folder whose name only begins so.
        try FileManager.default.createDirectory(atPath: folder.file("all"), withIntermediateDirectories: false)
        #expect(throws: NoCoordinator.self) {
            try supply(reading: [folder.file("all")]).place(of: job(path, digest), control)
        }
    }

    @Test("a folder in which a link leads out is not read, since readers look at what is next to a file")
    func linkNextToIt() throws {
        let digest = try digest
        let path = folder.file("allowed/full.pth")
        try #require(symlink(folder.file("secret/full.pth"), folder.file("allowed/full.bin")) == 0)
        #expect(throws: NoCoordinator.self) { try supply().place(of: job(path, digest), control) }
        #expect(lines.contain("\(path) is in no folder of --models"))
        let both = supply(reading: [folder.file("allowed"), folder.file("secret")])
        #expect(try both.place(of: job(path, digest), control).checkpoint.path == path)
    }
}
