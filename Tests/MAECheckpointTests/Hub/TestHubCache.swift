import Foundation
import MAEFiles
import MAETensor
import TestSupport

@testable import MAECheckpoint
@testable import MAEFormats

/// A hub cache with models that huggingface_hub could have fetched.
struct TestHubCache {
    static let name = "facebook/vit-mae-base"
    static let commit = "25b184bea5538bf5c4c852c79d221195fdd2778d"

    let folder: TestFolder

    init() throws { folder = try TestFolder("hub") }

    /// The cache.
    var cache: HubCache { HubCache(path: folder.path) }

    /// The folder of a model.
    func model(_ name: String = TestHubCache.name) -> String {
        folder.file("models--" + name.replacing("/", with: "--"))
    }

    /// The folder of a commit.
    func snapshot(_ commit: String = TestHubCache.commit, of name: String = TestHubCache.name) -> String {
        model(name) + "/snapshots/" + commit
    }

    /// Puts a golden directory in: blobs called after their content, a snapshot with links to them, a reference.
    func add(
        _ golden: String = "hub4", as name: String = TestHubCache.name, commit: String = TestHubCache.commit,
        isMain: Bool = true
    ) throws {
        let model = FileSystem.split(self.model(name)).name
        for file in FileSystem.names(in: GoldenWeights.path(golden)) {
            let bytes = try Goldens.bytes("checkpoints/\(golden)/\(file)")
            let digest = SHA256Digest(of: bytes).description
            // Git keeps small files by themselves, under a SHA-1.
            let blob = file.hasSuffix(".json") ? String(digest.prefix(40)) : digest
            try folder.write("\(model)/blobs/\(blob)", bytes)
            try folder.link("\(model)/snapshots/\(commit)/\(file)", to: "../../blobs/\(blob)")
        }
        if isMain { try folder.write("\(model)/refs/main", commit.utf8) }
    }

    /// Opens what is named, in this cache.
    func open(_ named: String = TestHubCache.name, configuration: String? = nil) throws -> ModelCheckpoint {
        try ModelCheckpoint.open(named, configuration: configuration, hubCache: cache)
    }
}
