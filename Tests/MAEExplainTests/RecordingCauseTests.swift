import MAEDomain
import MAEExplain
import MAEVerify
import TestSupport
import Testing

@Suite("Causes that recordings of PyTorch show")
struct RecordingCauseTests {
    /// A recording set against that of the same model in eval mode, fp32, sdpa and with shared noise.
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let causes: [RecordingPair.Cause]
        let code: String
        let severity: Severity
        let beginning: String?
        let words: String

        var testDescription: String { name }

        init(
            _ name: String, _ causes: RecordingPair.Cause..., code: String, severity: Severity = .error,
            beginning: String? = nil, _ words: String
        ) {
            (self.name, self.causes, self.code, self.severity) = (name, causes, code, severity)
            (self.beginning, self.words) = (beginning, words)
        }
    }

    static let cases = [
        Case(
            "eager", .rounding, code: "rounding", severity: .note, beginning: "layers.0.attention",
            "attention sdpa against eager"),
        Case("fault", .module, code: "module-differs", beginning: "layers.0", "begins in encoder block 0"),
        Case(
            "training", .training, code: "load-training-mode", beginning: "layers.0.mlp",
            "was computed in training mode with dropout"),
        Case(
            "autocast", .precision, code: "precision-differs",
            beginning: "embeddings.patch_embeddings.projection", "autocast off against cpu bfloat16"),
        Case(
            "weights", .weights, code: "weights-differ", beginning: "layers.1.mlp",
            "1 tensor of 38, `vit.encoder.layer.1.intermediate.dense.weight`"),
        Case("input", .input, code: "input-differs", "were not given the same images"),
        Case(
            "epsilon", .configuration, code: "configuration-differs", beginning: "layers.0.attention",
            "layer_norm_eps 1e-12 against 1e-06"),
        Case(
            "ratio", .maskRatios, code: "mask-ratio-differs", beginning: "embeddings",
            "0.75 (5 tokens) for `base.safetensors` and 0.5 (9 tokens) for `ratio.safetensors`"),
        Case(
            "not-finite", .notFinite, .weights, code: "output-not-finite", beginning: "layers.1.mlp",
            "is not finite: 160 NaN"),
        Case(
            "hidden", .hidden, code: "hidden-difference", severity: .warning, beginning: "layers.1",
            "other bits in encoder block 1"),
    ]

    @Test("each cause is named, with the module where the difference begins", arguments: cases)
    func namesCauses(_ one: Case) throws {
        let explanation = try RecordingSite.explain("base", one.name)
        let pair = try #require(explanation.recordingPairs.first)
        #expect(explanation.recordingPairs.count == 1 && pair.causes == one.causes)
        #expect(pair.first?.left.path == one.beginning)
        let finding = try #require(explanation.findings.first)
        #expect(finding.code == one.code && finding.severity == one.severity)
        let told = ([finding.sentence] + finding.evidence).joined(separator: " ")
        #expect(told.contains(one.words), "\(told)")
        // What is seen of a difference that the outputs do not show is no agreement.
        let milder: Verdict.Outcome = one.severity == .warning ? .incomplete : .agree
        #expect(explanation.outcome == (one.severity == .error ? .disagree : milder))
        // Causes that are not there are not told.
        let others = explanation.findings.filter { $0.severity == .error && $0.code != one.code }
        #expect(others.isEmpty || one.causes.count > 1, "\(others)")
    }

    @Test("4.57 and 5.23 of transformers name their modules differently and are compared module by module")
    func alignsVersions() throws {
        let explanation = try RecordingSite.explain("base", "version-4")
        let pair = try #require(explanation.recordingPairs.first)
        #expect(pair.causes == [.none] && explanation.outcome == .agree)
        let query = try #require(pair.modules.first { $0.left.path == "layers.1.attention.q_proj" })
        #expect(query.right.path == "encoder.layer.1.attention.attention.query")
        let stages = pair.modules.filter { $0.left.role == .encoderBlock || $0.left.role == .encoderNorm }
        #expect(stages.count == 3 && stages.allSatisfy { $0.inputs == .equal && $0.outputs == .equal })
        #expect(explanation.codes == ["settings-differ"])
        #expect(explanation.findings[0].sentence.contains("transformers 5.23.0 against 4.57.6"))
    }

    @Test("calls that draw noise of their own are told with the draw")
    func namesDraws() throws {
        let explanation = try RecordingSite.explain("masks")
        #expect(explanation.recordingPairs.first?.causes == [.masks])
        let finding = try #require(explanation.findings.first)
        #expect(finding.code == "noise-not-shared" && finding.severity == .error)
        #expect(
            finding.sentence.contains("the first and second draw after torch.manual_seed(42) and the images"),
            "\(finding.sentence)")
        #expect(finding.python?.contains("torch.rand(2, 16)") == true)
    }

    @Test("with nothing masked the tokens are permuted, and in one order only rounding is left")
    func permutesTokens() throws {
        let explanation = try RecordingSite.explain("unmasked")
        let pair = try #require(explanation.recordingPairs.first)
        #expect(pair.causes == [.order] && pair.isRounding == true)
        #expect(try #require(pair.difference) > 1 && (try #require(pair.inOneOrder)) < 1e-6)
        let embeddings = try #require(pair.modules.first { $0.left.role == .embeddings })
        #expect(embeddings.outputs == .permuted)
        #expect(explanation.outcome == .agree)
        #expect(explanation.codes == ["permuted-tokens", "noise-not-shared"])
        #expect(explanation.findings.allSatisfy { $0.severity == .note })
    }

    @Test("without values the first module is told, and that its size is not known")
    func comparesDigestsAlone() throws {
        let explanation = try RecordingSite.explain("base-bare", "fault-bare")
        let pair = try #require(explanation.recordingPairs.first)
        #expect(pair.causes == [.module] && pair.isRounding == nil && pair.first?.left.path == "layers.0")
        let finding = try #require(explanation.findings.first)
        #expect(finding.sentence.contains("How much is not known, for no values were kept"))
        #expect(finding.remedy.contains("keep=\"blocks,input\""))
        #expect(explanation.outcome == .disagree)
        // Another attention may be all of it: nothing is certain.
        let uncertain = try RecordingSite.explain("base-bare", "eager")
        #expect(uncertain.outcome == .incomplete && uncertain.findings.first?.severity == .warning)
    }

    @Test("a recording that an exception ended is compared as far as it goes")
    func comparesUnfinished() throws {
        let explanation = try RecordingSite.explain("base", "thrown")
        #expect(explanation.recordingPairs.first?.causes == [.none])
        let finding = try #require(explanation.findings.first { $0.code == "recording-incomplete" })
        #expect(finding.severity == .warning && finding.sentence.contains("ValueError"))
        #expect(explanation.outcome == .incomplete)
    }

    @Test("a decoder that transformers 4 drew at random is named, and the encoder's weights are called equal")
    func namesRedrawnDecoder() throws {
        let explanation = try RecordingSite.explain(
            paths: ["base", "redrawn"].map { Goldens.path("recordings/\($0).safetensors") })
        let pair = try #require(explanation.recordingPairs.first)
        #expect(pair.causes == [.weights] && pair.final == .equal)
        let finding = try #require(explanation.findings.first)
        #expect(finding.code == "weights-differ" && finding.sentence.contains("The encoder's are equal."))
        #expect(finding.evidence.contains { $0.contains("checkpoint convert --to hub") })
        #expect(explanation.outcome == .disagree)
    }

    @Test("images in another dtype are not called other images")
    func namesHalfPrecision() throws {
        let explanation = try RecordingSite.explain(
            paths: ["base", "bfloat16"].map { Goldens.path("recordings/\($0).safetensors") })
        #expect(explanation.recordingPairs.first?.causes == [.precision, .weights])
        let finding = try #require(explanation.findings.first)
        #expect(finding.code == "precision-differs")
        #expect(finding.sentence.contains("dtype of the weights float32 against bfloat16"))
        let weights = try #require(explanation.findings.first { $0.code == "weights-differ" })
        #expect(weights.severity == .warning && weights.sentence.contains("as copies that were rounded do"))
    }

    @Test("weights that an optimizer wrote to are not called equal")
    func tellsUpdatedWeights() throws {
        let explanation = try RecordingSite.explain("updated")
        #expect(explanation.recordingPairs.first?.causes == [.weightsChanged])
        let finding = try #require(explanation.findings.first)
        #expect(finding.code == "weights-differ" && finding.sentence.contains("an optimizer's step"))
        #expect(!explanation.findings.contains { $0.code == "module-differs" })
    }

    @Test("of one call alone nothing can be compared")
    func comparesNothing() throws {
        let explanation = try RecordingSite.explain("base")
        #expect(explanation.outcome == .nothingCompared)
        #expect(explanation.sentence.contains("record a second one"))
    }

    @Test("of many calls the first that differs is told with its number, and how many do")
    func findsFirstOfMany() throws {
        let folder = try TemporaryDirectory()
        var (good, bad) = (try file("base-bare"), try file("base-bare"))
        let call = try #require(good.value("calls.0"))
        let other = try #require(file("fault-bare").value("calls.0"))
        good.set("calls", to: Array(repeating: call, count: 20))
        bad.set("calls", to: (0..<20).map { $0 < 7 ? call : other })
        let explanation = try RecordingSite.explain(paths: [
            folder.write("a.safetensors", good.bytes()), folder.write("b.safetensors", bad.bytes()),
        ])
        #expect(explanation.recordingPairs.map { $0.causes == [.none] } == (0..<20).map { $0 < 7 })
        let finding = try #require(explanation.findings.first)
        #expect(finding.sentence.contains("`a.safetensors call 7` and `b.safetensors call 7`"), "\(finding.sentence)")
        #expect(finding.evidence.contains { $0.contains("13 of the 20 pairs of calls") }, "\(finding.evidence)")
    }

    @Test("of one long recording each call is compared with the first")
    func comparesLongRecording() throws {
        let folder = try TemporaryDirectory()
        var long = try file("base-bare")
        let call = try #require(long.value("calls.0"))
        long.set("calls", to: Array(repeating: call, count: 9))
        let explanation = try RecordingSite.explain(paths: [folder.write("a.safetensors", long.bytes())])
        #expect(explanation.recordingPairs.map(\.left.call) == Array(repeating: 0, count: 8))
        #expect(explanation.recordingPairs.map(\.right.call) == Array(1...8) && explanation.outcome == .agree)
    }

    private func file(_ name: String) throws -> RecordingFile {
        try RecordingFile(RecordingSite.path(name + ".safetensors"))
    }

    @Test("the forum thread's second script gets its causes from one recording")
    func explainsThread() throws {
        let explanation = try RecordingSite.explain(paths: [Goldens.path("recordings/thread.safetensors")])
        #expect(explanation.recordingPairs.map(\.causes) == [[.order], [.order], [.order]])
        #expect(explanation.recordingPairs.allSatisfy { $0.isRounding == true })
        let order = try #require(explanation.findings.first { $0.code == "permuted-tokens" })
        #expect(order.sentence.contains("the first, second and third draw after torch.manual_seed(42) and the images"))
        #expect(order.evidence.contains { $0.contains("The means over the tokens agree to") })
        #expect(explanation.codes.contains("noise-not-shared"))
        let text = ExplanationText().render(.recordings, of: explanation)
        #expect(text.contains("All 62 tensors are equal, by SHA-256, in call 0, call 1 and call 2."))
    }
}
