import Foundation
import TestSupport
import Testing

@testable import MAECheckpoint
@testable import MAEFormats
@testable import MAETensor

@Suite("Hub directories")
struct HubDirectoryTests {
    private func refusal(_ path: String) -> CheckpointError? {
        #expect(throws: CheckpointError.self) { try ModelCheckpoint.open(path) }
    }

    @Test("a directory without configuration or weights is refused, naming the file that lacks")
    func refusesMissingFiles() throws {
        let noConfiguration = try HubCopy(of: "hub4")
        try noConfiguration.remove("config.json")
        #expect(refusal(noConfiguration.path)?.message.contains("config.json") == true)
        let noWeights = try HubCopy(of: "hub4")
        try noWeights.remove("model.safetensors")
        #expect(refusal(noWeights.path)?.message.contains("pytorch_model.bin") == true)
    }

    @Test("a missing configuration can be named beside the directory")
    func takesTheOption() throws {
        let hub = try HubCopy(of: "hub4")
        try hub.remove("config.json")
        let checkpoint = try ModelCheckpoint.open(hub.path, configuration: GoldenWeights.path("hub5/config.json"))
        #expect(
            checkpoint.configuration.origin(of: .headCount) == .option(path: GoldenWeights.path("hub5/config.json")))
    }

    @Test("a configuration that contradicts the checkpoint's own is followed and reported")
    func reportsAContradiction() throws {
        let hub = try HubCopy(of: "hub4")
        try hub.write("other.json", try hub.text("config.json").replacing("0.75", with: "0.5"))
        let checkpoint = try ModelCheckpoint.open(hub.path, configuration: hub.path + "/other.json")
        #expect(checkpoint.configuration.values.maskRatio == 0.5)
        let finding = checkpoint.findings.first { $0.code == .contradictoryConfiguration }
        #expect(finding?.message.contains("mask_ratio is 0.5 by --config and 0.75 in the checkpoint") == true)
    }

    @Test("a configuration of other sizes than the weights names the parameters")
    func refusesOtherSizes() throws {
        let hub = try HubCopy(of: "hub4")
        let text = try hub.text("config.json")
        try hub.write("config.json", text.replacing("\"intermediate_size\": 28", with: "\"intermediate_size\": 32"))
        let error = refusal(hub.path)
        #expect(error?.code == .contradiction)
        #expect(
            error?.message.contains("vit.encoder.layer.0.intermediate.dense.weight is [28, 20], not [32, 20]") == true)
        try hub.write("config.json", text.replacing("\"num_hidden_layers\": 2", with: "\"num_hidden_layers\": 3"))
        #expect(refusal(hub.path)?.message.contains("vit.encoder.layer.2.") == true)
    }

    @Test("layers beyond the configuration are left out and reported")
    func reportsLayersBeyond() throws {
        let hub = try HubCopy(of: "hub4")
        let text = try hub.text("config.json")
        try hub.write("config.json", text.replacing("\"num_hidden_layers\": 2", with: "\"num_hidden_layers\": 1"))
        let finding = try ModelCheckpoint.open(hub.path).findings.first { $0.code == .unexpectedKeys }
        #expect(finding?.message.contains("16 tensors") == true, "\(String(describing: finding))")
    }

    @Test("an equal second form of the weights is silent, a different one is named")
    func namesCompetingWeights() throws {
        let equal = try HubCopy(of: "hub4")
        try equal.copy("state4.pth", as: "pytorch_model.bin")
        #expect(try ModelCheckpoint.open(equal.path).findings.isEmpty)
        let different = try HubCopy(of: "hub4")
        try different.copy("state-wrong.pth", as: "pytorch_model.bin")
        let finding = try #require(try ModelCheckpoint.open(different.path).findings.first)
        #expect(finding.code == .competingWeights)
        #expect(finding.message.contains("1 of 62 tensors differ"), "\(finding)")
        #expect(finding.message.contains("model.safetensors was read"))
    }

    @Test(
        "an index that names no file beside it is refused",
        arguments: ["../model.safetensors", "/etc/passwd", "a/b", "..", "", "a\\u0000b", "x\\\\y"])
    func refusesForeignShards(name: String) throws {
        let hub = try HubCopy(of: "hub-sharded")
        let index = "model.safetensors.index.json"
        let text = try hub.text(index)
        try hub.write(index, text.replacing("model-00001-of-00003.safetensors", with: name))
        #expect(refusal(hub.path)?.message.contains("no file beside the index") == true)
    }

    @Test("a missing shard, a tensor in two shards and one in none are refused")
    func refusesBrokenShards() throws {
        let missing = try HubCopy(of: "hub-sharded")
        try missing.remove("model-00002-of-00003.safetensors")
        #expect(refusal(missing.path)?.place == "model-00002-of-00003.safetensors")
        let twice = try HubCopy(of: "hub-sharded")
        try twice.remove("model-00002-of-00003.safetensors")
        try twice.copy("hub-sharded/model-00001-of-00003.safetensors", as: "model-00002-of-00003.safetensors")
        #expect(refusal(twice.path)?.message.contains("two shards") == true)
        let none = try HubCopy(of: "hub-sharded")
        let index = "model.safetensors.index.json"
        try none.write(
            index,
            try none.text(index).replacing(
                "\"weight_map\": {", with: "\"weight_map\": {\"extra\": \"model-00003-of-00003.safetensors\","))
        #expect(refusal(none.path)?.message.contains("not in it") == true)
    }

    @Test("a file of the same stem with other weights or another mask ratio is named")
    func namesDifferentSiblings() throws {
        let copy = try HubCopy(of: "hub4")
        try copy.copy("full5.pth", as: "vit_mae_from_hugging_face.cpkt")
        try copy.copy("full-ratio0.pth", as: "vit_mae_from_hugging_face.pth")
        try copy.write("vit_mae_from_hugging_face.txt", "no checkpoint at all")
        let findings = try ModelCheckpoint.open(copy.path + "/vit_mae_from_hugging_face.pth", method: .full).findings
        let finding = try #require(findings.first { $0.code == .differentSibling })
        #expect(finding.location.place == "vit_mae_from_hugging_face.cpkt")
        #expect(
            finding.message.contains("mask_ratio is 0.0 in vit_mae_from_hugging_face.pth and 0.75 in"), "\(finding)")
        #expect(findings.count { $0.code == .differentSibling } == 1)
    }

    @Test("the older one of two files of a stem is told that the other was written later")
    func namesNewerSiblings() throws {
        let copy = try HubCopy(of: "hub4")
        try copy.copy("full5.pth", as: "model.cpkt")
        try copy.copy("full-ratio0.pth", as: "model.pth")
        try FileManager.default.setAttributes(
            [.modificationDate: Date(timeIntervalSinceNow: -3 * 86_400)], ofItemAtPath: copy.path + "/model.cpkt")
        func message(_ name: String) throws -> String? {
            try ModelCheckpoint.open(copy.path + "/" + name).findings.first { $0.code == .differentSibling }?.message
        }
        #expect(try message("model.cpkt")?.hasPrefix("was written 3 days after model.cpkt") == true)
        #expect(try message("model.cpkt")?.contains("model.cpkt is out of date") == true)
        #expect(try message("model.pth")?.contains("out of date") == false)
    }

    @Test("a file of the same stem and quite another size is not opened")
    func leavesOthersAlone() throws {
        let copy = try HubCopy(of: "hub4")
        try copy.copy("full5.pth", as: "model.pth")
        let weights = try ModelCheckpoint.open(copy.path)
        var tensors = weights.layout.parameters.map { (name: $0.name, tensor: Tensor(shape: $0.shape, repeating: 0)) }
        func findings() throws -> Int {
            try SafetensorsWriter.write(tensors, metadata: [:], to: copy.path + "/model.bin")
            return try ModelCheckpoint.open(copy.path + "/model.pth").findings.count {
                $0.location.place == "model.bin"
            }
        }
        #expect(try findings() == 1)
        tensors.append(("optimizer.state", Tensor(shape: [4 << 20], repeating: 0)))
        #expect(try findings() == 0)
    }

    @Test("a checkpoint that is cut short or written to after it was opened is refused as changed")
    func changesMeanwhile() throws {
        for size in [1000, 1 << 20] {
            let copy = try HubCopy(of: "hub4")
            let checkpoint = try ModelCheckpoint.open(copy.path)
            #expect(truncate(copy.path + "/model.safetensors", off_t(size)) == 0)
            let error = #expect(throws: CheckpointError.self) { try checkpoint.fingerprints() }
            #expect(error?.code == .contradiction, "\(String(describing: error))")
            #expect(throws: CheckpointError.self) { try checkpoint.verifyChecksums() }
        }
    }

    @Test("a torch file under a safetensors name is read, and its name reported")
    func reportsMisleadingNames() throws {
        let copy = try HubCopy(of: "hub4")
        try copy.copy("state4.pth", as: "weights.safetensors")
        let checkpoint = try ModelCheckpoint.open(
            copy.path + "/weights.safetensors", configuration: copy.path, comparesNeighbors: false)
        #expect(checkpoint.findings.contains { $0.code == .misleadingName })
    }
}
