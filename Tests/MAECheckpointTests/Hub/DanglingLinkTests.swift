import Foundation
import MAEFiles
import TestSupport
import Testing

@testable import MAECheckpoint
@testable import MAEFormats

@Suite("Links to something that is not there")
struct DanglingLinkTests {
    @Test(
        "weights that are such a link are named with their target",
        arguments: ["model.safetensors", "pytorch_model.bin", "model.safetensors.index.json", "weights.pth"])
    func namesWeights(name: String) throws {
        let folder = try TestFolder()
        try folder.copy("hub4/config.json", as: "config.json")
        try folder.link(name, to: "../../blobs/abc")
        let target = FileSystem.split(folder.directory.path).folder + "/blobs/abc"
        #expect(
            folder.refusal().hasPrefix("\(folder.file(name)): is a link to \(target), which is not there"),
            "\(folder.refusal())")
        #expect(folder.refusal(name).contains("cp -rL"))
    }

    @Test("a configuration, a shard and a link to a link are named with the last target")
    func namesOtherFiles() throws {
        let folder = try TestFolder()
        try folder.copy("hub4/model.safetensors", as: "hub/model.safetensors")
        try folder.link("hub/config.json", to: "settings")
        try folder.link("hub/settings", to: "/nowhere/config.json")
        #expect(
            folder.refusal("hub").hasPrefix("\(folder.file("hub/config.json")): is a link to /nowhere/config.json"),
            "\(folder.refusal("hub"))")
        #expect(try ModelCheckpoint.open(folder.file("hub"), configuration: GoldenWeights.path("hub4")).hasDecoder)
        try folder.copy("hub-sharded", as: "sharded")
        let shard = "sharded/model-00002-of-00003.safetensors"
        try FileManager.default.removeItem(atPath: folder.file(shard))
        try folder.link(shard, to: "elsewhere")
        #expect(
            folder.refusal("sharded").hasPrefix("\(folder.file(shard)): is a link to"), "\(folder.refusal("sharded"))")
    }

    @Test("a folder on the way that is such a link is named")
    func namesFoldersOnTheWay() throws {
        let folder = try TestFolder()
        try folder.link("model", to: "/nowhere/model")
        for name in ["model", "model/", "model/config.json"] {
            let refusal = folder.refusal(name)
            #expect(refusal.contains("link to /nowhere/model, which is not there"), "\(refusal)")
        }
    }

    @Test("a link that leads to itself is no trap")
    func endsAtALoop() throws {
        let folder = try TestFolder()
        try folder.link("one", to: "two")
        try folder.link("two", to: "one")
        #expect(folder.refusal("one").contains("cannot be read") || folder.refusal("one").contains("is a link"))
        try folder.link("model.safetensors", to: "model.safetensors")
        #expect(!folder.refusal().isEmpty)
    }

    @Test("the next form of the weights is taken, as transformers does, and the link is reported")
    func takesTheNextForm() throws {
        let folder = try TestFolder()
        try folder.copy("hub-bin", as: "hub")
        try folder.link("hub/model.safetensors", to: "/nowhere/model.safetensors")
        let checkpoint = try ModelCheckpoint.open(folder.file("hub"))
        let finding = try #require(checkpoint.findings.first { $0.code == .fileOddity })
        #expect(finding.location.place == "model.safetensors")
        #expect(finding.message.contains("/nowhere/model.safetensors"))
        #expect(finding.message.contains("pytorch_model.bin was read"))
    }

    @Test("a copy of a snapshot names the model to fetch")
    func namesTheModel() throws {
        let folder = try TestFolder()
        try folder.link("models--facebook--vit-mae-base/snapshots/12/model.safetensors", to: "../../blobs/ab")
        #expect(
            folder.refusal("models--facebook--vit-mae-base/snapshots/12").contains(
                "hf download facebook/vit-mae-base"))
    }
}
