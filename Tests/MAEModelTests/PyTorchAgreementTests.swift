import MAEEngine
import MAETensor
import TestSupport
import Testing

@Suite("Agreement with PyTorch")
struct PyTorchAgreementTests {
    /// The largest difference allowed to PyTorch's fp32 outputs.
    static let tolerance = 2e-5

    /// Every form of the one model that is kept in all forms people save it in.
    static let forms: [GoldenCase] = [
        "hub5", "hub4", "hub-sharded", "hub-bin", "full5.pth", "full4.pth", "lightning-full5.pth",
        "lightning-state5.pth", "state5.pth", "state4.pth", "lightning.ckpt", "lightning-hparams.ckpt",
        "ddp-state.pth", "legacy-state.pth", "legacy-full.pth", "facebookresearch.pth", "state.safetensors",
        "state-fp64.pth", "state-views.pth",
    ].flatMap { name in
        GoldenCase.ratios(in: "checkpoints/expected").map {
            GoldenCase(model: "checkpoints/\(name)", expected: "checkpoints/expected", ratio: $0)
        }
    }

    @Test("every form gives PyTorch's outputs", arguments: forms)
    func form(_ golden: GoldenCase) throws {
        // Files without a configuration get the one of the hub directory.
        try check(golden, configuration: Goldens.path("checkpoints/hub5"))
    }

    @Test("every architecture gives PyTorch's outputs", arguments: GoldenCase.models)
    func architecture(_ golden: GoldenCase) throws {
        try check(golden, configuration: nil)
    }

    @Test("the error against float64 is not above PyTorch's, over all architectures")
    func accuracy() throws {
        var ours = 0.0
        var theirs = 0.0
        for golden in GoldenCase.models {
            let truth = try golden.doubles("layernorm-float64")
            let result = try Engine().load(Goldens.path(golden.model)).run(golden.request())
            ours += Distance(result.returnedLayernorm, truth).squares
            theirs += Distance(try golden.tensor("layernorm-sdpa"), truth).squares
        }
        #expect(theirs > 0)
        #expect(ours <= theirs, "ours \(ours.squareRoot()), PyTorch's \(theirs.squareRoot())")
    }

    private func check(_ golden: GoldenCase, configuration: String?) throws {
        let engine = try Engine()
        let model = try engine.load(Goldens.path(golden.model), configuration: configuration)
        let result = try model.run(golden.request())
        #expect(result.input.images.hasSameBits(as: try golden.input("images")))
        #expect(result.input.noise.hasSameBits(as: try golden.input("noise")))
        #expect(result.selection.mask.elements == (try golden.tensor("mask").elements))
        #expect(result.selection.restore.map(Int64.init) == (try golden.indices("ids_restore")))
        let logits = try #require(result.output.logits)
        let loss = Tensor(shape: [], repeating: try #require(result.loss))
        try #require(!golden.attentions.isEmpty)
        for attention in golden.attentions {
            expectClose(result.returnedLayernorm, try golden.tensor("layernorm-\(attention)"), "layernorm \(attention)")
            expectClose(logits, try golden.tensor("logits-\(attention)"), "logits \(attention)")
            let expectedLoss = try golden.tensor("loss-\(attention)")
            // Nothing removed: 0 / 0 on both sides.
            if expectedLoss.elements[0].isNaN {
                #expect(loss.elements[0].isNaN)
            } else {
                expectClose(loss, expectedLoss, "loss \(attention)")
            }
        }
    }

    private func expectClose(_ ours: Tensor, _ theirs: Tensor, _ what: String) {
        let distance = Distance(ours, theirs).largest
        #expect(distance <= Self.tolerance, "\(what) differs by \(distance)")
    }
}
