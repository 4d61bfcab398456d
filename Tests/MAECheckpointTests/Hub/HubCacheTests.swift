import Foundation
import MAEContent
import MAETensor
import TestSupport
import Testing

@testable import MAECheckpoint
@testable import MAEFormats

@Suite("Models of the hub cache")
struct HubCacheTests {
    private func refusal(_ cache: TestHubCache, _ named: String = TestHubCache.name) -> String {
        let error = #expect(throws: CheckpointError.self) { try cache.open(named) }
        return error?.description ?? ""
    }

    @Test(
        "the cache is where huggingface_hub looks for it",
        arguments: [
            (["HF_HUB_CACHE": "/a", "HF_HOME": "/b", "HOME": "/h"], "/a"),
            (["HUGGINGFACE_HUB_CACHE": "/c", "HF_HOME": "/b"], "/c"), (["HF_HOME": "/b", "HOME": "/h"], "/b/hub"),
            (["XDG_CACHE_HOME": "/x", "HOME": "/h"], "/x/huggingface/hub"),
            (["HOME": "/h"], "/h/.cache/huggingface/hub"),
            (["HF_HOME": "", "HOME": "/h"], "/h/.cache/huggingface/hub"),
            (["HF_HOME": "~/hf", "HOME": "/h"], "/h/hf/hub"), ([:], nil),
        ] as [([String: String], String?)])
    func findsTheCache(environment: [String: String], path: String?) {
        #expect(HubCache(environment: { environment[$0] }).path == path)
    }

    @Test("a model's name, its folder and the cache around it all lead to the commit of refs/main")
    func followsTheReference() throws {
        let cache = try TestHubCache()
        try cache.add()
        try cache.add("hub-bin", commit: "0123456789abcdef0123456789abcdef01234567", isMain: false)
        let golden = try ModelCheckpoint.open(GoldenWeights.path("hub4")).fingerprints().sha256
        let places = [
            TestHubCache.name, cache.model(), cache.folder.path, cache.folder.directory.path,
            cache.model() + "/snapshots", cache.model() + "/blobs/",
        ]
        for named in places {
            let checkpoint = try cache.open(named)
            #expect(checkpoint.path == cache.snapshot(), "\(named)")
            #expect(checkpoint.method == .pretrained)
            #expect(try checkpoint.fingerprints().sha256 == golden)
            let finding = try #require(checkpoint.findings.first)
            #expect(checkpoint.findings.count == 1, "\(checkpoint.findings)")
            #expect(finding.code == .hubCommit && finding.severity == .note)
            #expect(finding.location.path == named)
            #expect(finding.message.contains("commit \(TestHubCache.commit) of \(TestHubCache.name), refs/main"))
        }
    }

    @Test("a snapshot that is named itself is read, with nothing to say")
    func readsASnapshot() throws {
        let cache = try TestHubCache()
        try cache.add()
        #expect(try cache.open(cache.snapshot()).findings.isEmpty)
    }

    @Test("the files that are listed for workers are those that are read")
    func listsTheSameFiles() throws {
        let cache = try TestHubCache()
        try cache.add()
        for named in [TestHubCache.name, cache.model(), cache.snapshot()] {
            let listing = try FileListing(checkpoint: named, hubCache: cache.cache)
            #expect(listing.isDirectory)
            #expect(Set(listing.paths) == Set(try cache.open(named).files.map(\.path)), "\(named)")
            let configuration = try FileListing(configuration: named, hubCache: cache.cache)
            #expect(configuration.paths == [cache.snapshot() + "/config.json"])
        }
    }

    @Test("a model's name gives its configuration to a state dict")
    func givesAConfiguration() throws {
        let cache = try TestHubCache()
        try cache.add()
        let checkpoint = try cache.open(GoldenWeights.path("state4.pth"), configuration: TestHubCache.name)
        #expect(
            checkpoint.configuration.origin(of: .headCount) == .option(path: cache.snapshot() + "/config.json"))
    }

    @Test("without refs/main the only snapshot is taken, and of several none")
    func takesTheOnlySnapshot() throws {
        let cache = try TestHubCache()
        try cache.add(isMain: false)
        let finding = try #require(try cache.open().findings.first { $0.code == .hubCommit })
        #expect(finding.message.contains("the only snapshot"))
        try cache.add("hub-bin", commit: "abc", isMain: false)
        let refusal = refusal(cache)
        #expect(refusal.contains("refs/main"), "\(refusal)")
        #expect(refusal.contains("Here are \(TestHubCache.commit), abc"), "\(refusal)")
        #expect(refusal.contains("such as \(cache.snapshot())"))
    }

    @Test(
        "a reference to no snapshot is refused, with the command that fetches it",
        arguments: ["ffffffffffffffffffffffffffffffffffffffff", "../../../etc", "", "main\u{0}"])
    func refusesBrokenReferences(reference: String) throws {
        let cache = try TestHubCache()
        try cache.add(isMain: false)
        try cache.folder.write("models--facebook--vit-mae-base/refs/main", reference.utf8)
        let refusal = refusal(cache)
        #expect(refusal.contains(reference.hasPrefix("f") ? "hf download" : "no commit in hexadecimal"), "\(refusal)")
    }

    @Test("a reference with the end of a line is read")
    func readsALine() throws {
        let cache = try TestHubCache()
        try cache.add(isMain: false)
        try cache.folder.write("models--facebook--vit-mae-base/refs/main", (TestHubCache.commit + "\n").utf8)
        #expect(try cache.open().path == cache.snapshot())
    }

    @Test(
        "a model that is not in the cache names the place and the command",
        arguments: ["facebook/vit-mae-base", "a/b.c", "a_1/b-2"])
    func namesMissingModels(name: String) throws {
        let cache = try TestHubCache()
        try cache.add(as: "other/model")
        let refusal = refusal(cache, name)
        #expect(refusal.hasPrefix("\(name): is no file or folder here"))
        #expect(refusal.contains("in the hub cache \(cache.folder.path)"), "\(refusal)")
        #expect(refusal.contains("`hf download \(name)`"), "\(refusal)")
    }

    @Test(
        "what cannot be a model's name is a path that is not there",
        arguments: ["a/b/c", "model", "checkpoints/model.pth", "a/b--c", "../b", "a/", "-a/b", "a/.b"])
    func leavesPathsAlone(path: String) throws {
        #expect(refusal(try TestHubCache(), path).contains("No such file or directory"))
    }

    @Test("a cache of several models lists them")
    func listsModels() throws {
        let cache = try TestHubCache()
        try cache.add()
        try cache.add(as: "other/model")
        let refusal = refusal(cache, cache.folder.path)
        #expect(refusal.contains("2 models: facebook/vit-mae-base, other/model"), "\(refusal)")
        #expect(refusal.contains("such as \(cache.model())"))
    }

    @Test("a snapshot that is not whole names the command that fetches the rest")
    func namesTheCommand() throws {
        let cache = try TestHubCache()
        try cache.add()
        try FileManager.default.removeItem(atPath: cache.snapshot() + "/model.safetensors")
        #expect(refusal(cache).contains("hf download facebook/vit-mae-base"), "\(refusal(cache))")
    }
}
