import Foundation
import MAEFiles
import TestSupport
import Testing

@testable import MAECheckpoint
@testable import MAEFormats

@Suite("Checkpoints that another program has to join")
struct SpreadCheckpointTests {
    @Test("a distributed checkpoint is named, its files too, and the command that makes one file of it")
    func namesDistributedCheckpoints() throws {
        let folder = try TestFolder("pytorch_model_fsdp_0")
        try folder.add("__0_0.distcp", "__1_0.distcp", ".metadata")
        let command =
            "python -m torch.distributed.checkpoint.format_utils dcp_to_torch \(folder.path) \(folder.path).pth"
        for name in [nil, "__0_0.distcp", ".metadata"] {
            for method in [LoadingChoice.automatic, .stateDict] {
                let refusal = folder.refusal(name, method: method)
                #expect(refusal.hasPrefix(name.map(folder.file) ?? folder.path))
                for text in ["distributed checkpoint", "dcp_to_torch_save", "`\(command)`"] {
                    #expect(refusal.contains(text), "\(refusal)")
                }
            }
        }
        #expect(folder.refusal("__0_0.distcp").contains("is a part of its folder, which holds a distributed"))
    }

    @Test("one in a folder of the folder is found, the newest first", arguments: ["step-10", "pytorch_model_fsdp_0"])
    func namesNestedCheckpoints(name: String) throws {
        let folder = try TestFolder("out put")
        try folder.add("step-9/__0_0.distcp", "step-9/.metadata", "\(name)/__0_0.distcp", "\(name)/.metadata")
        let newest = name == "step-10" ? name : "step-9"
        let refusal = folder.refusal()
        #expect(refusal.hasPrefix(folder.file(newest) + ": holds a distributed checkpoint"), "\(refusal)")
        #expect(refusal.contains("'\(folder.file(newest))'"), "\(refusal)")
    }

    @Test("half of a distributed checkpoint says what lacks")
    func namesMissingMetadata() throws {
        let ranks = try TestFolder()
        try ranks.add("__0_0.distcp")
        #expect(ranks.refusal().contains("without .metadata"))
        let metadata = try TestFolder()
        try metadata.add(".metadata")
        #expect(metadata.refusal().contains("without the files *.distcp"))
    }

    @Test("DeepSpeed's folder and the folder of a step name zero_to_fp32.py and how to call it")
    func namesDeepSpeed() throws {
        let folder = try TestFolder()
        try folder.add(
            "global_step10/mp_rank_00_model_states.pt", "global_step10/zero_pp_rank_0_mp_rank_00_optim_states.pt",
            "global_step10/zero_pp_rank_1_mp_rank_00_optim_states.pt", "zero_to_fp32.py", "latest")
        let root = try #require(FileSystem.realPath(folder.path))
        for name in [nil, "global_step10"] {
            let refusal = folder.refusal(name)
            #expect(refusal.contains("DeepSpeed"), "\(refusal)")
            #expect(refusal.contains("`python \(root)/zero_to_fp32.py \(root) \(root)/fp32`"), "\(refusal)")
        }
    }

    @Test(
        "without the script and the file latest, the module is called with the step",
        arguments: ["zero_pp_rank_0_mp_rank_00_model_states.pt", "bf16_zero_pp_rank_0_mp_rank_00_optim_states.pt"])
    func namesDeepSpeedsModule(name: String) throws {
        let folder = try TestFolder()
        try folder.add("global_step7/\(name)")
        let root = try #require(FileSystem.realPath(folder.path))
        #expect(
            folder.refusal("global_step7").contains(
                "`python -m deepspeed.utils.zero_to_fp32 \(root) \(root)/fp32 -t global_step7`"),
            "\(folder.refusal("global_step7"))")
    }

    @Test("DeepSpeed without ZeRO names the file that has the weights")
    func namesDeepSpeedWithoutZeRO() throws {
        let folder = try TestFolder()
        try folder.copy("state4.pth", as: "mp_rank_00_model_states.pt")
        let path = folder.file("mp_rank_00_model_states.pt")
        #expect(folder.refusal().contains("Name its file with the weights, \(path)"), "\(folder.refusal())")
        #expect(try ModelCheckpoint.open(path, configuration: GoldenWeights.path("hub4")).hasDecoder)
    }
}
