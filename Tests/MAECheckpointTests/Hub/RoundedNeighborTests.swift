import TestSupport
import Testing

@testable import MAECheckpoint

@Suite("Copies in half precision next to a checkpoint")
struct RoundedNeighborTests {
    @Test("a second form of a directory's weights is named as that, and the first as its original")
    func namesRoundedForm() throws {
        let hub = try HubCopy(of: "hub4")
        try hub.copy("state-bf16.pth", as: "pytorch_model.bin")
        let finding = try #require(try ModelCheckpoint.open(hub.path).findings.first)
        #expect(finding.code == .competingWeights)
        #expect(
            finding.message.contains("each of these is exactly that of model.safetensors rounded to bfloat16"),
            "\(finding)")
        #expect(finding.message.contains("remove the one that is not wanted"))
    }

    @Test("a file of the same stem is named as that, from either side")
    func namesRoundedSibling() throws {
        let folder = try TemporaryDirectory()
        _ = try folder.write("vit_mae.pth", Goldens.bytes("checkpoints/state5.pth"))
        _ = try folder.write("vit_mae.bin", Goldens.bytes("checkpoints/state-fp16.pth"))
        for name in ["vit_mae.pth", "vit_mae.bin"] {
            let checkpoint = try ModelCheckpoint.open(folder.file(name), configuration: GoldenWeights.path("hub4"))
            let finding = checkpoint.findings.first { $0.code == .differentSibling }
            #expect(
                finding?.message.contains("each of these is exactly that of vit_mae.pth rounded to float16") == true,
                "\(String(describing: finding))")
        }
    }
}
