import MAECheckpoint
import MAEExplain
import MAEFormats
import MAETensor
import TestSupport
import Testing

@Suite("Models that differ, explained")
struct ModelDifferenceTests {
    private func explain(_ names: String...) throws -> Explanation {
        let files = names.map { GivenFile(CheckpointReference(Goldens.path("checkpoints/\($0)"))) }
        return try Explainer().explain(
            ExplainRequest(files, configuration: Goldens.path("checkpoints/hub4"), batchSize: 2))
    }

    @Test("one changed weight is named with its tensor")
    func namesChangedWeight() throws {
        let explanation = try explain("state5.pth", "hub5", "state-wrong.pth")
        #expect(explanation.weights?.groups.map(\.models) == [[0, 1], [2]])
        let finding = try #require(explanation.findings.first { $0.code == "weights-differ" })
        #expect(finding.severity == .error)
        #expect(finding.evidence.contains { $0.contains("vit.encoder.layer.1.output.dense.weight") })
        guard case .differs = explanation.prediction?.pairs[1].unmasked else {
            Issue.record("\(String(describing: explanation.prediction))")
            return
        }
    }

    @Test("a copy in half precision is told from other weights", arguments: ["state-fp16.pth", "state-bf16.pth"])
    func namesRounding(copy: String) throws {
        let explanation = try explain("state5.pth", copy)
        #expect(explanation.codes.contains("rounded-weights"))
        #expect(!explanation.codes.contains("weights-differ"))
    }

    @Test("another ratio in a pickled configuration is found, with where it is stated")
    func namesRatio() throws {
        let explanation = try explain("full5.pth", "full-ratio0.pth")
        let finding = try #require(explanation.findings.first { $0.code == "mask-ratio-differs" })
        #expect(finding.sentence.contains("0 for `full-ratio0.pth` (the configuration pickled inside the file)"))
        #expect(finding.evidence.contains { $0.contains("10 tokens") }, "\(finding.evidence)")
    }

    @Test("forms of one model are one group, whatever their containers")
    func groupsForms() throws {
        let explanation = try explain("hub4", "hub5", "full4.pth", "lightning.ckpt", "facebookresearch.pth")
        #expect(explanation.weights?.groups.count == 1)
        #expect(explanation.codes.filter { !$0.hasPrefix("load-") } == ["noise-not-shared"])
    }

    @Test("what is no checkpoint and no output is refused by its reason as a checkpoint")
    func refuses() throws {
        let folder = try TemporaryDirectory()
        let text = try folder.write("notes.txt", Array("<html>not here</html>".utf8))
        #expect(throws: CheckpointError.self) {
            try Explainer().explain(ExplainRequest([GivenFile(CheckpointReference(text))]))
        }
        #expect(throws: CheckpointError.self) {
            try Explainer().explain(ExplainRequest([GivenFile(CheckpointReference(folder.file("nothing.pth")))]))
        }
        let cube = folder.file("cube.npy")
        try Tensor(shape: [2, 2, 2, 2], repeating: 0).writeNpy(to: cube)
        #expect(throws: TensorError.self) {
            try Explainer().explain(ExplainRequest([GivenFile(CheckpointReference(cube))]))
        }
    }
}
