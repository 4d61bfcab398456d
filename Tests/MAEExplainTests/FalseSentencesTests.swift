import MAECheckpoint
import MAEFormats
import MAETensor
import TestSupport
import Testing

@testable import MAEExplain

/// What was once said of files and outputs, and is not true of them.
@Suite("What an explanation must not say")
struct FalseSentencesTests {
    private let site: ThreadSite

    init() throws { site = try ThreadSite() }

    private func whole(_ script: ThreadFiles.Script, _ number: Int) -> GivenFile {
        site.file(script, "layer_outputs.pt#encoder_layernorm_\(number)")
    }

    private func write(_ tensor: Tensor, as name: String) throws -> GivenFile {
        let path = site.folder.file(name)
        try tensor.writeNpy(to: path)
        return GivenFile(CheckpointReference(path))
    }

    /// A hub directory with a drawn model, changed before it is written.
    private func hub(_ name: String, _ change: (inout ViTMAEConfiguration) -> Void = { _ in }) throws -> GivenFile {
        var configuration = ViTMAEConfiguration()
        configuration.encoder = TransformerDimensions(
            hiddenSize: 64, layerCount: 1, headCount: 4, intermediateSize: 64)
        configuration.decoder = TransformerDimensions(
            hiddenSize: 64, layerCount: 1, headCount: 1, intermediateSize: 64)
        (configuration.imageSize, configuration.patchSize) = (ImageExtent(square: 16), ImageExtent(square: 4))
        change(&configuration)
        let path = site.folder.file(name)
        try CheckpointWriter.write(try ModelWeights(drawing: configuration, seed: 1), as: .hub, to: path)
        return GivenFile(CheckpointReference(path))
    }

    /// What each call of a script with `models` gives, as files: the means over the tokens.
    private func means(of models: [GivenFile]) throws -> [GivenFile] {
        let prediction = try #require(try Explainer().explain(ExplainRequest(models, batchSize: 2)).prediction)
        return try prediction.calls.enumerated().map { try write($1.pooled, as: "call-\($0).npy") }
    }

    @Test("each file is named with where its own value comes from")
    func namesEachOrigin() throws {
        let explanation = try site.explain([
            site.file(.second, ThreadSite.pickled), site.file(.second, ThreadSite.stale),
            site.file(.second, ThreadSite.weights, maskRatio: 0),
        ])
        let sentence = try #require(explanation.findings.first { $0.code == "mask-ratio-differs" }).sentence
        #expect(
            sentence.contains(
                "0 for `\(ThreadSite.pickled)` (the configuration pickled inside the file) and "
                    + "`\(ThreadSite.weights)` (as given with the file)"), "\(sentence)")
    }

    @Test("what settings make is not put down to equal weights")
    func blamesSettings() throws {
        let models = [try hub("a"), try hub("b") { $0.encoder.headCount = 2 }]
        let explanation = try Explainer().explain(ExplainRequest(models + (try means(of: models))))
        #expect(explanation.outputPairs.map(\.causes) == [[.models, .masks]])
        let finding = try #require(explanation.findings.first { $0.code == "models-differ" })
        #expect(finding.evidence.contains { $0.contains("the settings alone make") }, "\(finding)")
        #expect(!finding.evidence.contains { $0.contains("the weights alone") }, "\(finding)")
        #expect(finding.sentence.contains("different settings: "), "\(finding.sentence)")
    }

    @Test("models that ran in another order are not given other ratios")
    func findsOrderOfModels() throws {
        let models = [site.file(.second, ThreadSite.stale), site.file(.second, ThreadSite.pickled)]
        for outputs in [
            [whole(.second, 1), whole(.second, 2)],
            [site.file(.second, "out1.npy"), site.file(.second, "out2.npy")],
        ] {
            let explanation = try site.explain(models + outputs)
            #expect(!explanation.codes.contains("output-ratio-differs"), "\(explanation.codes)")
            let finding = try #require(explanation.findings.first { $0.code == "models-in-other-order" })
            #expect(finding.severity == .warning)
            #expect(finding.sentence.contains("keeps 16 of 16") && finding.sentence.contains("keeps 4 of 16"))
            #expect(
                finding.remedy
                    == "Give them in the order in which they ran: `\(ThreadSite.pickled)`, `\(ThreadSite.stale)`.")
        }
    }

    @Test("outputs at ratios that no file states each have their own count")
    func countsEachOutput() throws {
        let explanation = try site.explain([
            site.file(.second, ThreadSite.weights), site.file(.second, ThreadSite.weights),
            GivenFile(CheckpointReference(Goldens.path("explain/ratio-half.npy"))), whole(.second, 3),
        ])
        let finding = try #require(explanation.findings.first { $0.code == "output-ratio-differs" })
        #expect(finding.sentence.contains("`ratio-half.npy` keeps 8 of 16 patches (ratio 0.5)"), "\(finding.sentence)")
        #expect(finding.sentence.contains("keeps 16 of 16 patches (ratio 0)"), "\(finding.sentence)")
    }

    @Test("tokens that were put in the order of ids_restore are recognized, and agree")
    func recognizesRestoredOrder() throws {
        let model = site.file(.second, ThreadSite.pickled)
        let prediction = try #require(try site.explain([model]).prediction)
        let restored = try prediction.calls.enumerated().map { try write($1.layernorm, as: "restored-\($0).npy") }
        let explanation = try site.explain([model] + restored)
        #expect(explanation.recognized.map(\.isRestored) == [true, true])
        #expect(explanation.outcome == .agree, "\(explanation.codes)")
        #expect(ExplanationText().render(.outputs, of: explanation).contains("in the order of ids_restore"))
        #expect(try ExplanationJSON.render(explanation).contains("\"ids_restore\""))
        let mixed = try site.explain([model, restored[0], whole(.second, 1)])
        #expect(mixed.outputPairs.map(\.cause) == [.order])
        #expect(try #require(mixed.outputPairs[0].inOneOrder) < 1e-5)
    }

    @Test("putting tokens in one order is not said to make their means equal")
    func tellsWhatOneOrderLeaves() throws {
        let predicted = try site.explain([site.file(.second, ThreadSite.pickled)])
        let seen = try site.explain([site.file(.second, ThreadSite.pickled), whole(.second, 1), whole(.second, 3)])
        for explanation in [predicted, seen] {
            let finding = try #require(explanation.findings.first { $0.code == "permuted-tokens" })
            #expect(finding.remedy.contains("only the same noise in every call leaves nothing"), "\(finding.remedy)")
        }
    }

    @Test("an output and its own mean or CLS token are no difference")
    func comparesAfterReducing() throws {
        let model = site.file(.first, ThreadSite.pickled)
        let mean = try Tensor(npy: "\(site.folder.path)/first/out1.npy")
        let explanation = try site.explain([model, site.file(.first, "out1.npy"), whole(.first, 1)])
        #expect(explanation.outputPairs.map(\.causes) == [[.reduced]])
        #expect(try #require(explanation.outputPairs[0].afterReducing) < 1e-6)
        #expect(explanation.findings.first { $0.code == "reduction-differs" }?.severity == .note)
        #expect(explanation.outcome == .agree)
        let near = try write(Tensor(shape: mean.shape, elements: mean.elements.map { $0 + 1e-3 }), as: "near.npy")
        #expect(try site.explain([model, near, whole(.first, 1)]).outputPairs.map(\.causes) == [[.precision]])
        let other = try site.explain([model, site.file(.first, "out1.npy"), whole(.first, 2)])
        #expect(other.outputPairs.map(\.cause) == [.reductions] && other.outcome == .disagree)
    }

    @Test("no mask is predicted for images of other sizes")
    func predictsNoMaskForOtherImages() throws {
        let explanation = try Explainer().explain(
            ExplainRequest(
                [try hub("a"), try hub("b") { $0.imageSize = ImageExtent(square: 32) }], batchSize: 2))
        #expect(explanation.prediction?.pairs.map(\.sameMask) == [.incomparable])
        let finding = try #require(
            explanation.findings.first { $0.code == "configuration-differs" && $0.sentence.contains("image_size") })
        #expect(finding.sentence.contains("No batch of images can feed both"), "\(finding.sentence)")
    }

    @Test("models of equal weights are told apart by their settings")
    func namesSettingsThatFit() throws {
        let models = [try hub("a"), try hub("b") { $0.layerNormEpsilon = 1e-13 }]
        let explanation = try Explainer().explain(ExplainRequest(models + (try means(of: models))))
        let finding = try #require(explanation.findings.first { $0.code == "model-ambiguous" })
        #expect(finding.sentence.contains("layer_norm_eps"), "\(finding.sentence)")
        #expect(!finding.sentence.contains("fits the weights"), "\(finding.sentence)")
    }

    @Test("a draw is not recognized where other draws are as near")
    func tellsNoneOfNearDraws() throws {
        let drawn = try hub("hub") { $0.initializerRange = 3e-4 }
        let checkpoint = try ModelCheckpoint.open(drawn.reference.path)
        let path = site.folder.file("frozen.safetensors")
        let tensors: [(String, Tensor)] = try checkpoint.layout.parameters.map { parameter in
            let tensor = try #require(checkpoint.tensors[parameter.name]).tensor()
            guard parameter.name == "vit.embeddings.cls_token" else { return (parameter.name, tensor) }
            // So large that hardly anything of the patches reaches it.
            let values = (0..<tensor.count).map { Float($0 * 7 % 11 - 5) / 10 }
            return (parameter.name, Tensor(shape: tensor.shape, elements: values))
        }
        try SafetensorsWriter.write(tensors, metadata: ["format": "pt"], to: path)
        let model = GivenFile(CheckpointReference(path))
        func explain(_ files: [GivenFile]) throws -> Explanation {
            try Explainer().explain(ExplainRequest(files, configuration: drawn.reference.path, batchSize: 2))
        }
        let calls = try #require(try explain([model]).prediction).calls
        let cls = calls.map { call in
            (0..<2).flatMap { image in
                let first = image * (call.selection.kept + 1) * 64
                return call.layernorm.elements[first..<first + 64]
            }
        }
        let spread = zip(cls[0], cls[1]).map { abs($0 - $1) }.max() ?? 0
        #expect(spread > 1e-6 && spread < 5e-5, "\(spread)")
        // As far from the first draw as the second is, on the other side.
        let neither = zip(cls[0], cls[1]).map { $0 - ($1 - $0) }
        let outputs = try (cls + [neither]).enumerated().map {
            try write(Tensor(shape: [2, 64], elements: $1), as: "cls-\($0).npy")
        }
        let explanation = try explain([model] + outputs)
        #expect(explanation.recognized.map(\.draw) == [0, 1])
        #expect(explanation.unrecognized.first?.reason.contains("fit about equally") == true)
        #expect(explanation.outcome == .disagree)
    }
}
