import Foundation
import MAEFiles
import MAETensor
import TestSupport
import Testing

@testable import MAECheckpoint
@testable import MAEFormats

@Suite("Blobs of the hub cache")
struct HubBlobTests {
    /// The blob with the weights.
    private func blob(in cache: TestHubCache, of file: String = "model.safetensors") throws -> String {
        try #require(FileSystem.realPath(cache.snapshot() + "/" + file))
    }

    @Test(
        "one with other content than its name says is reported, and read",
        arguments: [("hub4", "model.safetensors"), ("hub-bin", "pytorch_model.bin")])
    func reportsChangedBlobs(golden: String, file: String) throws {
        let cache = try TestHubCache()
        try cache.add(golden)
        let path = try blob(in: cache, of: file)
        let other = try Goldens.bytes("checkpoints/" + (golden == "hub4" ? "hub-fp16/model.safetensors" : "state4.pth"))
        try Data(other).write(to: URL(fileURLWithPath: path))
        for named in [TestHubCache.name, cache.snapshot()] {
            let finding = try #require(try cache.open(named).findings.first { $0.code == .changedBlob })
            #expect(finding.severity == .warning)
            #expect(finding.location.path == cache.snapshot() + "/" + file)
            #expect(finding.message.contains(SHA256Digest(of: other).description))
            #expect(finding.message.contains("remove \(path) and fetch it"), "\(finding)")
            #expect(finding.message.contains("`hf download facebook/vit-mae-base`"))
        }
    }

    @Test("a blob that is named itself is compared with its name")
    func looksAtTheBlob() throws {
        let cache = try TestHubCache()
        try cache.add()
        let path = try blob(in: cache)
        #expect(HubBlob(behind: path) != nil)
        #expect(try HubBlob(behind: path)?.finding() == nil)
    }

    @Test("a blob in the store that models share is called by another digest, which is not compared")
    func followsTheSharedStore() throws {
        let cache = try TestHubCache()
        try cache.add()
        let path = try blob(in: cache)
        let store = "blobs/ab/ab" + String(repeating: "0", count: 62)
        try cache.folder.write(store, try Data(contentsOf: URL(fileURLWithPath: path)))
        try FileManager.default.removeItem(atPath: path)
        try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: "../../" + store)
        #expect(try cache.open().findings.map(\.code) == [.hubCommit])
        try cache.folder.write(store, try Goldens.bytes("checkpoints/hub-fp16/model.safetensors"))
        #expect(try cache.open().findings.contains { $0.code == .changedBlob })
    }

    @Test("files elsewhere, and those that git names, are not looked at")
    func looksAtNothingElse() throws {
        let cache = try TestHubCache()
        try cache.add()
        #expect(HubBlob(behind: cache.snapshot() + "/config.json") == nil)
        #expect(HubBlob(behind: GoldenWeights.path("hub4/model.safetensors")) == nil)
        let folder = try TestFolder()
        try folder.copy("hub4/model.safetensors", as: "blobs/" + String(repeating: "0", count: 64))
        #expect(HubBlob(behind: folder.file("blobs/" + String(repeating: "0", count: 64))) == nil)
    }
}
