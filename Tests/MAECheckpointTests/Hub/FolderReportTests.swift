import Foundation
import TestSupport
import Testing

@testable import MAECheckpoint

@Suite("Folders that are no hub directory")
struct FolderReportTests {
    @Test("a Trainer's output names its newest checkpoint that has weights")
    func namesTheNewestCheckpoint() throws {
        let folder = try TestFolder()
        for step in [5, 10, 9] { try folder.copy("hub4", as: "checkpoint-\(step)") }
        try folder.add("checkpoint-20/trainer_state.json", "runs/events.out", "training_args.bin")
        let refusal = folder.refusal()
        #expect(refusal.contains("checkpoint-10, checkpoint-9, checkpoint-5"), "\(refusal)")
        #expect(refusal.contains("Name \(folder.file("checkpoint-10")), the newest with weights"), "\(refusal)")
        #expect(refusal.contains("checkpoint-20 is newer and has none"), "\(refusal)")
        #expect(try ModelCheckpoint.open(folder.file("checkpoint-10")).hasDecoder)
    }

    @Test("models in folders are named, whatever these are called", arguments: ["best_model", "vit-mae", "epoch_3"])
    func namesModelsInside(name: String) throws {
        let folder = try TestFolder()
        try folder.copy("hub4", as: name)
        #expect(folder.refusal().contains("Name \(folder.file(name))."), "\(folder.refusal())")
    }

    @Test(
        "shards without their index are named with it",
        arguments: [
            (["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"], "model.safetensors", "2 of 2"),
            (["model-00003-of-00003.safetensors"], "model.safetensors", "1 of 3"),
            (["pytorch_model-00001-of-00002.bin", "config.json"], "pytorch_model.bin", "1 of 2"),
        ])
    func namesAMissingIndex(names: [String], plain: String, count: String) throws {
        let folder = try TestFolder()
        for name in names { try folder.add(name) }
        let refusal = folder.refusal()
        #expect(refusal.contains("no \(plain).index.json"), "\(refusal)")
        #expect(refusal.contains(names[0]))
        #expect(refusal.contains("holds \(count) shards"), "\(refusal)")
        #expect(refusal.contains("the shards that lack") == !count.hasPrefix("2"), "\(refusal)")
    }

    @Test(
        "a variant of the weights is named, and the file loads as the message says",
        arguments: [
            ("hub-fp16/model.safetensors", "model.fp16.safetensors"), ("state-bf16.pth", "pytorch_model.bf16.bin"),
            ("hub4/model.safetensors", "model.non_ema.safetensors"),
        ])
    func namesVariants(golden: String, name: String) throws {
        let folder = try TestFolder()
        try folder.copy(golden, as: name)
        try folder.copy("hub4/config.json", as: "config.json")
        #expect(
            folder.refusal().contains("Name the file \(folder.file(name)) with --config \(folder.path)."),
            "\(folder.refusal())")
        #expect(try ModelCheckpoint.open(folder.file(name), configuration: folder.path).hasDecoder)
    }

    @Test("a variant in shards is loaded once its index has the usual name")
    func renamesTheIndexOfAVariant() throws {
        let folder = try TestFolder()
        let names = (1...3).map { (usual: "model-0000\($0)-of-00003", variant: "model.fp16-0000\($0)-of-00003") }
        for (usual, variant) in names {
            try folder.copy("hub-sharded/\(usual).safetensors", as: variant + ".safetensors")
        }
        #expect(folder.refusal().contains("Fetch their index model.safetensors.index.fp16.json"))
        let index = try Goldens.bytes("checkpoints/hub-sharded/model.safetensors.index.json")
        let text = names.reduce(String(decoding: index, as: UTF8.self)) { $0.replacing($1.usual, with: $1.variant) }
        try folder.write("model.safetensors.index.fp16.json", text.utf8)
        try folder.copy("hub-sharded/config.json", as: "config.json")
        #expect(
            folder.refusal().contains("cp model.safetensors.index.fp16.json model.safetensors.index.json"),
            "\(folder.refusal())")
        try folder.write("model.safetensors.index.json", text.utf8)
        #expect(try ModelCheckpoint.open(folder.path).format.shardCount == 3)
    }

    @Test(
        "an adapter names its model and how to merge it",
        arguments: [
            (["adapter_model.safetensors"], #"{"base_model_name_or_path": "facebook/vit-mae"}"#, "of facebook/vit-mae"),
            (["adapter_model.bin", "README.md"], #"{"base_model_name_or_path": "/models/mae"}"#, "of /models/mae"),
            (["adapter_model.safetensors"], nil, "that it does not name"), ([], "no JSON", "that it does not name"),
        ])
    func namesAdapters(names: [String], settings: String?, base: String) throws {
        let folder = try TestFolder()
        for name in names { try folder.add(name) }
        if let settings { try folder.write("adapter_config.json", settings.utf8) }
        let refusal = folder.refusal()
        #expect(refusal.contains("merge_and_unload"), "\(refusal)")
        #expect(refusal.contains(base), "\(refusal)")
    }

    @Test("an adapter next to the weights is reported, since transformers may put it on top")
    func reportsAdapters() throws {
        let folder = try TestFolder()
        try folder.copy("hub4", as: "hub")
        try folder.add("hub/adapter_config.json", "hub/adapter_model.safetensors")
        let finding = try #require(try ModelCheckpoint.open(folder.file("hub")).findings.first)
        #expect(finding.code == .competingWeights && finding.message.contains("peft"))
    }

    @Test(
        "other checkpoints in the folder are listed, and the rest of a training is not",
        arguments: ["vit_mae.pth", "epoch=3-step=100.ckpt", "weights.safetensors", "last.pt"])
    func listsOtherCheckpoints(name: String) throws {
        let folder = try TestFolder()
        try folder.add(name, "optimizer.pt", "rng_state_0.pth", "training_args.bin", "scheduler.pt", "notes.txt")
        let refusal = folder.refusal()
        #expect(refusal.contains("It holds \(name). Name the file itself, such as \(folder.file(name))."), "\(refusal)")
    }

    @Test("many checkpoints are listed in part, and names cannot break the line")
    func listsAFew() throws {
        let folder = try TestFolder()
        for epoch in 1...9 { try folder.add("epoch-\(epoch).pth") }
        #expect(folder.refusal().contains("epoch-4.pth and 5 more"), "\(folder.refusal())")
        let odd = try TestFolder()
        try odd.add("a\nb\u{1B}[2J.txt")
        #expect(odd.refusal().contains("a\u{FFFD}b\u{FFFD}[2J.txt"), "\(odd.refusal())")
    }

    @Test("a folder of something else says what is there and what was looked for")
    func saysWhatIsThere() throws {
        let folder = try TestFolder()
        #expect(folder.refusal().contains("is empty: there is none of model.safetensors"), "\(folder.refusal())")
        try folder.add("config.json", "tf_model.h5", "logs/a")
        #expect(
            folder.refusal().contains("holds config.json, logs/, tf_model.h5, and no weights: none of"),
            "\(folder.refusal())")
    }

    @Test("the methods that read a file say the same of such a folder", arguments: [LoadingChoice.full, .stateDict])
    func saysItForEveryMethod(method: LoadingChoice) throws {
        let folder = try TestFolder()
        try folder.add("pytorch_model.fp16.bin")
        #expect(folder.refusal(method: method).contains("variant"))
        try folder.copy("hub4", as: "whole")
        #expect(folder.refusal("whole", method: method).contains("by the method pretrained"))
    }
}
