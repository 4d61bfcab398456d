import MAECheckpoint
import MAEExplain
import MAEFormats
import MAETensor
import TestSupport
import Testing

/// Files of `Tests/Goldens/explain`, which PyTorch saved of the thread's model.
@Suite("Outputs in the forms that programs save them in")
struct OutputFormTests {
    private let site: ThreadSite

    init() throws { site = try ThreadSite() }

    private func golden(_ name: String) -> GivenFile {
        GivenFile(CheckpointReference(Goldens.path("explain/\(name)")))
    }

    private func explain(_ names: String...) throws -> Explanation {
        try site.explain([site.file(.first, ThreadSite.pickled)] + names.map(golden))
    }

    @Test("of what ViTMAEModel returns the last hidden state is taken, once")
    func readsModelOutput() throws {
        let explanation = try explain("model-output.pt")
        #expect(explanation.outputs.map(\.key) == ["last_hidden_state"])
        #expect(explanation.recognized.map(\.draw) == [0])
        let finding = try #require(explanation.findings.first { $0.code == "output-parts" })
        #expect(finding.severity == .note)
        for part in ["mask (", "ids_restore (", "hidden_states (states from before the final layer norm)"] {
            #expect(finding.sentence.contains(part), "\(finding.sentence)")
        }
        #expect(!explanation.codes.contains("output-unknown") && !explanation.codes.contains("outputs-differ"))
    }

    @Test("hidden states are said to be from before the final layer norm", arguments: [true, false])
    func explainsHiddenStates(isWhole: Bool) throws {
        let explanation = try explain(isWhole ? "pretraining-output.pt" : "hidden-states.pt")
        #expect(explanation.outputs.map(\.key) == (isWhole ? ["hidden_states.2"] : ["0", "1", "2"]))
        #expect(explanation.recognized.isEmpty)
        #expect(explanation.unrecognized.allSatisfy { $0.reason.contains("a hidden state from before that norm") })
        #expect(explanation.codes.contains("output-parts") == isWhole)
    }

    @Test("a file without an output of the encoder is refused by what it holds")
    func refusesPredictionAlone() throws {
        let error = try #require(throws: CheckpointError.self) { try explain("pretraining-output-alone.pt") }
        #expect(error.code == .missing)
        #expect(error.message.contains("logits (the decoder's prediction)"))
        #expect(error.message.contains("Save model.vit(pixels).last_hidden_state"))
    }

    @Test("a key that is not in a file of outputs is refused with those that are")
    func refusesKey() throws {
        for (name, keys) in [
            ("model-output.pt", "`last_hidden_state`"), ("arrays.npz", "`first`, `tokens` and `count`"),
        ] {
            let error = try #require(throws: CheckpointError.self) { try explain(name + "#nokey") }
            #expect(error.code == .missing)
            #expect(error.message == "has no output `nokey`; it holds \(keys).")
        }
    }

    @Test(
        "other layouts of an array are read",
        arguments: [
            ("float16.npy", ["mean"]), ("fortran.npy", ["none"]), ("arrays.npz", ["mean", "none"]),
            ("arrays.npz#tokens", ["none"]), ("compressed.npz", ["mean"]),
        ])
    func readsLayouts(name: String, reductions: [String]) throws {
        let explanation = try explain(name)
        #expect(explanation.recognized.map(\.reduction.rawValue) == reductions)
        #expect(explanation.recognized.allSatisfy { $0.draw == 0 })
        #expect(explanation.recognized.allSatisfy { ($0.precision == .reduced) == (name == "float16.npy") })
    }

    @Test("an array of .npz of another type that is named is refused")
    func refusesNamedIndices() throws {
        let error = try #require(throws: TensorError.self) { try explain("arrays.npz#count") }
        #expect(error.code == .unsupportedDType && error.message.contains("array.astype('<f4')"))
    }

    @Test(
        "vectors made in other ways are told apart",
        arguments: [
            ("patch-mean", "patch-mean", false), ("mean-normalized", "mean", true), ("cls-normalized", "cls", true),
        ])
    func recognizesReductions(name: String, reduction: String, isNormalized: Bool) throws {
        let explanation = try explain("\(name).npy")
        let identity = try #require(explanation.recognized.first)
        #expect(identity.reduction.rawValue == reduction && identity.isNormalized == isNormalized)
        #expect(identity.draw == 0 && identity.precision == .rounding)
        let pair = try explain("\(name).npy", "ratio-half.npy").outputPairs[0]
        #expect(pair.cause == .reductions)
    }

    @Test("max pooling is not recognized, and the reason says so")
    func refusesMaxPooling() throws {
        let explanation = try explain("max.npy")
        #expect(explanation.unrecognized.first?.reason.contains("max pooling") == true)
    }

    @Test("a seed that was set again before the call is found")
    func recognizesReseeding() throws {
        let identity = try #require(try explain("reseeded.npy").recognized.first)
        #expect(identity.noise == .seed(42) && identity.draw == nil)
    }

    @Test("a ratio that no file states is shown with the decimals that it needs")
    func showsDerivedRatio() throws {
        let explanation = try explain("ratio-half.npy")
        let identity = try #require(explanation.recognized.first)
        #expect(identity.kept == 8 && identity.maskRatio == 0.5 && identity.isRatioDerived)
        let text = ExplanationText().render(.outputs, of: explanation)
        #expect(text.contains("keeps 8 of 16 patches (ratio 0.5)"), "\(text)")
        let finding = try #require(explanation.findings.first { $0.code == "output-ratio-differs" })
        #expect(finding.remedy.contains("`\(ThreadSite.pickled)@mask_ratio=0.5`"), "\(finding.remedy)")
    }

    @Test("outputs of a half-precision copy fit it and its original, and both are named")
    func namesBothCandidates() throws {
        let explanation = try site.explain([
            site.file(.first, ThreadSite.weights), golden("half.pth"), golden("half-tokens.npy"),
            golden("half-mean.npy"),
        ])
        #expect(explanation.recognized.map(\.draw) == [0, 0])
        #expect(explanation.recognized.map(\.reduction) == [.none, .mean])
        #expect(explanation.recognized.contains { $0.rivals.count == 1 })
        for finding in explanation.findings where finding.code == "model-ambiguous" {
            #expect(finding.sentence.contains("half.pth") && finding.sentence.contains(ThreadSite.weights))
        }
    }

    @Test("each call draws as many numbers as its own model has patches")
    func countsDrawsOfEachModel() throws {
        let hub = GivenFile(CheckpointReference(site.files.hub))
        let other = golden("patches")
        let explanation = try site.explain(
            [hub, other, hub, other] + (1...4).map { golden("patches-\($0).npy") })
        #expect(explanation.recognized.map(\.draw) == [0, 1, 2, 3])
        #expect(explanation.recognized.map(\.patches) == [16, 64, 16, 64])
        #expect(!explanation.outputPairs.contains { $0.causes.contains(.maskRatios) })
        #expect(explanation.recognized.allSatisfy { $0.precision == .rounding })
    }
}
