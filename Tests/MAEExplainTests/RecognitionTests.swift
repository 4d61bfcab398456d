import Foundation
import MAECheckpoint
import MAEExplain
import MAEFormats
import MAETensor
import TestSupport
import Testing

@Suite("Outputs that are recognized, and those that are not")
struct RecognitionTests {
    /// One of the tensors that PyTorch's hooks kept.
    private func tokens(_ site: ThreadSite, _ script: ThreadFiles.Script, _ number: Int) throws -> Tensor {
        let torch = try TorchFile.open("\(site.folder.path)/\(script.rawValue)/layer_outputs.pt")
        return try #require(torch.root["encoder_layernorm_\(number)"]?.tensor).tensor.tensor()
    }

    private func explain(
        _ site: ThreadSite, _ values: Tensor, _ change: (inout ExplainRequest) -> Void = { _ in }
    ) throws -> Explanation {
        let path = site.folder.file("given.npy")
        try values.writeNpy(to: path)
        return try site.explain([site.file(.first, ThreadSite.pickled), GivenFile(CheckpointReference(path))], change)
    }

    @Test("the CLS token is told from the mean")
    func recognizesCLS() throws {
        let site = try ThreadSite()
        let whole = try tokens(site, .first, 2)
        let (images, count, hidden) = (whole.shape[0], whole.shape[1], whole.shape[2])
        let elements = whole.elements
        let cls = (0..<images).flatMap { image in elements[image * count * hidden..<image * count * hidden + hidden] }
        let explanation = try explain(site, Tensor(shape: [images, hidden], elements: cls))
        let identity = try #require(explanation.recognized.first)
        #expect(identity.reduction == .cls && identity.draw == 1)
    }

    @Test("outputs of fewer bits are recognized as that", arguments: [8, 10])
    func recognizesReducedPrecision(mantissaBits: Int) throws {
        let site = try ThreadSite()
        let coarse = try tokens(site, .first, 3).elements.map { value in
            Float(bitPattern: value.bitPattern & ~(1 << UInt32(23 - mantissaBits) - 1))
        }
        let explanation = try explain(site, Tensor(shape: [8, 5, 16], elements: coarse))
        let identity = try #require(explanation.recognized.first)
        #expect(identity.draw == 2 && identity.precision == .reduced)
    }

    @Test("a ratio that no file states is found by the number of tokens")
    func findsUnstatedRatio() throws {
        let site = try ThreadSite()
        let whole = try tokens(site, .second, 1)
        let explanation = try explain(site, whole)
        #expect(explanation.recognized.first?.maskRatio == 0)
        #expect(explanation.recognized.first?.kept == 16)
    }

    @Test("another seed, another batch and another width each have a reason")
    func givesReasons() throws {
        let site = try ThreadSite()
        let whole = try tokens(site, .first, 1)
        let seed = try explain(site, whole) { $0.seed = 43 }
        #expect(seed.recognized.isEmpty && seed.unrecognized.first?.reason.contains("--seed") == true)
        #expect(try #require(seed.unrecognized.first?.closest) > 0.1)
        let batch = try explain(site, Tensor(shape: [2000, 16], repeating: 1))
        #expect(batch.unrecognized.first?.reason.contains("2000 images, and at most 1024") == true)
        let width = try explain(site, Tensor(shape: [8, 24], repeating: 1))
        #expect(width.unrecognized.first?.reason.contains("24 elements") == true)
        let logits = try explain(site, Tensor(shape: [8, 16, 16], repeating: 1))
        #expect(logits.unrecognized.first?.reason.contains("decoder's prediction") == true)
        #expect(seed.codes.contains("output-unknown"))
    }

    @Test(
        "outputs of one draw that differ by more than rounding are no agreement",
        arguments: [Float(4e-5), 1e-3, 0.01, 0.03])
    func separatesNearOutputs(shift: Float) throws {
        let site = try ThreadSite()
        let near = site.folder.file("near.npy")
        let whole = try tokens(site, .second, 1)
        let mean = try Tensor(npy: "\(site.folder.path)/second/out1.npy")
        for (values, name) in [(whole, "second/whole.npy"), (mean, "second/out1.npy")] {
            let path = site.folder.file(name)
            try values.writeNpy(to: path)
            try Tensor(shape: values.shape, elements: values.elements.map { $0 + shift }).writeNpy(to: near)
            let explanation = try site.explain(
                [site.file(.second, ThreadSite.pickled)]
                    + [path, near].map { GivenFile(CheckpointReference($0)) })
            #expect(explanation.outputPairs.map(\.cause) == [.precision], "\(explanation.outputPairs)")
            #expect(explanation.outcome == .disagree && explanation.codes.contains("precision-differs"))
        }
    }

    @Test("equal outputs are the answer, whatever the models would do without their noise")
    func believesOutputs() throws {
        let site = try ThreadSite()
        let explanation = try site.explain([
            site.file(.first, ThreadSite.pickled), site.file(.first, ThreadSite.weights), site.file(.first, "out1.npy"),
            site.file(.first, "out1.npy"),
        ])
        #expect(explanation.outcome == .agree, "\(explanation.codes)")
        #expect(explanation.findings.first { $0.code == "noise-not-shared" }?.severity == .note)
    }

    @Test("an output at another ratio than any model states, and one that is not known, are no agreement")
    func agreesWithNothingUnknown() throws {
        let site = try ThreadSite()
        let ratio = try site.explain([site.file(.second, ThreadSite.pickled), site.file(.first, "out1.npy")])
        #expect(ratio.outcome == .disagree && ratio.codes.contains("output-ratio-differs"), "\(ratio.codes)")
        let unknown = site.folder.file("unknown.npy")
        try Tensor(shape: [8, 16], repeating: 3).writeNpy(to: unknown)
        let other = try site.explain([
            site.file(.second, ThreadSite.pickled), GivenFile(CheckpointReference(unknown)),
        ])
        #expect(other.outcome == .incomplete)
    }

    @Test("a ratio that is stored in fewer bits keeps as many patches as in PyTorch")
    func countsInTheStoredType() throws {
        let path = Goldens.path("stored/mask-ratio-float32.pth")
        let checkpoint = try ModelCheckpoint.open(path)
        let explanation = try Explainer().explain(ExplainRequest([GivenFile(CheckpointReference(path))], batchSize: 2))
        let kept = checkpoint.configuration.values.keptCount()
        #expect(kept != checkpoint.configuration.values.keptCount(maskRatio: checkpoint.configuration.values.maskRatio))
        let sentence = try #require(explanation.findings.first { $0.code == "noise-not-shared" }).sentence
        #expect(sentence.contains("Of \(kept) patches"), "\(sentence)")
    }

    @Test("outputs without a model are compared with each other")
    func comparesOutputsAlone() throws {
        let site = try ThreadSite()
        let different = try site.explain([site.file(.first, "out1.npy"), site.file(.first, "out2.npy")])
        #expect(different.outcome == .disagree)
        let equal = try site.explain([site.file(.first, "out1.npy"), site.file(.first, "out1.npy")])
        #expect(equal.outcome == .agree)
        #expect(equal.outputs.map(\.label) == ["out1.npy", "out1.npy (2)"])
        #expect(try site.explain([site.file(.first, "out1.npy")]).outcome == .nothingCompared)
    }
}
