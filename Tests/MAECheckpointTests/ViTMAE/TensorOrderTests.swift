import MAETensor
import TestSupport
import Testing

@testable import MAECheckpoint

@Suite("The order in which tensors are listed")
struct TensorOrderTests {
    @Test(
        "the encoder comes before the decoder, and block 2 before block 10, in every dialect",
        arguments: [
            [
                "vit.embeddings.cls_token", "vit.encoder.layer.2.output.dense.weight",
                "vit.encoder.layer.10.output.dense.bias", "vit.layernorm.weight",
                "decoder.decoder_layers.2.output.dense.weight", "decoder.decoder_layers.10.output.dense.bias",
            ],
            [
                "blocks.2.attn.qkv.weight", "blocks.10.attn.qkv.weight", "norm.bias", "decoder_blocks.0.norm1.bias",
                "decoder_pred.bias",
            ],
            [
                "module.vit.layers.9.mlp.fc1.bias", "module.vit.layers.11.mlp.fc1.bias",
                "module.decoder.decoder_embed.weight",
            ],
        ])
    func sorts(names: [String]) {
        #expect(TensorOrder.sorted(names.reversed()) == names)
        #expect(TensorOrder.sorted(names.sorted()) == names)
    }

    @Test("every name has one place, numbers in front of words")
    func isTotal() {
        let names = ["a", "a.2", "a.02", "a.10", "a.1x", "a.99999999999999999999", "a.b", "a.b.c", "b", ""]
        let sorted = TensorOrder.sorted(names)
        #expect(sorted == TensorOrder.sorted(names.reversed()))
        #expect(sorted == ["", "a", "a.02", "a.2", "a.10", "a.1x", "a.99999999999999999999", "a.b", "a.b.c", "b"])
    }

    @Test("a refusal lists what is in the encoder first, whatever the order of the file")
    func ordersRefusals() throws {
        let bench = try StateDictBench()
        let keys = ["decoder_blocks.0.ls1.gamma", "blocks.1.ls1.gamma", "blocks.0.ls2.gamma"]
        let more = keys.map { (key: $0, value: StateDictBench.filler()) }
        let error = bench.refusal(of: StateDictBench.dictionary(try bench.entries(.original) + more))
        #expect(error?.place == "tensor blocks.0.ls2.gamma")
        #expect(
            error?.message.contains("blocks.0.ls2.gamma, blocks.1.ls1.gamma, decoder_blocks.0.ls1.gamma") == true,
            "\(String(describing: error))")
    }

    @Test("tensors left out are listed in this order too")
    func ordersUnexpectedKeys() throws {
        let bench = try StateDictBench()
        let keys = ["decoder_head.weight", "aux.10.weight", "aux.9.weight"]
        let more = keys.map { (key: $0, value: StateDictBench.filler()) }
        let checkpoint = try bench.open(StateDictBench.dictionary(try bench.entries(.original) + more))
        let finding = checkpoint.findings.first { $0.code == .unexpectedKeys }
        #expect(finding?.message.contains("aux.9.weight, aux.10.weight, decoder_head.weight") == true)
    }
}
