import MAEDomain
import MAEExplain
import MAEVerify
import TestSupport
import Testing

/// Faults that another cause, or a layer norm, could hide.
@Suite("Recordings of faults that something else hides")
struct RecordingHiddenFaultTests {
    /// The section on recordings, its lines joined.
    private func words(_ explanation: Explanation) -> String {
        ExplanationText().render(.recordings, of: explanation).split(whereSeparator: \.isWhitespace)
            .joined(separator: " ")
    }

    @Test("outputs that agree to rounding hide no block that differs by more")
    func seesShiftedBlock() throws {
        let explanation = try RecordingSite.explain("base-kept", "shifted-kept")
        let pair = try #require(explanation.recordingPairs.first)
        #expect(pair.causes == [.hidden] && pair.isRounding == true)
        let finding = try #require(explanation.findings.first)
        #expect(finding.code == "hidden-difference")
        #expect(finding.sentence.contains("differ by up to 0.5 after encoder block 0"), "\(finding.sentence)")
        #expect(explanation.sentence == finding.sentence && explanation.outcome == .incomplete)
    }

    @Test("a block that is wrong is told of a call that agrees with its checkpoint")
    func judgesBlocksOfAgreeingCall() throws {
        let explanation = try RecordingSite.explain("shifted-kept", "hub")
        #expect(explanation.recordedRuns.first?.isRounding == true)
        #expect(explanation.blockReplays.map(\.isRight) == [false, true])
        let finding = try #require(explanation.findings.first { $0.code == "hidden-difference" })
        #expect(finding.sentence.contains("a block of it is wrong"))
        #expect(finding.evidence.contains { $0.contains("0 (off by 0.5)") }, "\(finding.evidence)")
        #expect(explanation.outcome == .incomplete && explanation.sentence == finding.sentence)
    }

    @Test("an adapter that one side has is named as other weights")
    func namesAdapter() throws {
        for names in [["base", "adapter"], ["adapter", "base"]] {
            let explanation = try RecordingSite.explain(names[0], names[1])
            #expect(explanation.recordingPairs.first?.causes == [.weights])
            let finding = try #require(explanation.findings.first)
            #expect(finding.code == "weights-differ" && explanation.outcome == .disagree)
            #expect(
                finding.sentence.contains("2 tensors on one side only, `layers.0.attention.q_proj.lora_A.weight`"),
                "\(finding.sentence)")
            #expect(!explanation.codes.contains("module-differs"))
        }
        // Nor are they the weights of the checkpoint.
        let explanation = try RecordingSite.explain("adapter", "hub")
        #expect(explanation.findings.first?.code == "weights-differ" && explanation.recordedRuns.isEmpty)
        #expect(!words(explanation).contains("equal by SHA-256"))
    }

    @Test("weights without digests are not called the same")
    func tellsUnknownWeights() throws {
        let folder = try TemporaryDirectory()
        for pair in [["base", "weights"], ["base", "base"]] {
            let paths = try pair.enumerated().map { index, name in
                var file = try RecordingFile(RecordingSite.path(name + ".safetensors"))
                let weights = try #require(file.value("models.0.weights") as? [[String: Any]])
                file.set("models.0.weights", to: weights.map { $0.filter { $0.key != "sha256" } })
                return try folder.write("\(index)-\(name).safetensors", file.bytes())
            }
            let explanation = try RecordingSite.explain(paths: paths)
            let text = words(explanation)
            #expect(
                text.contains("whether they are equal is not known") && !text.contains("tensors are equal"), "\(text)")
            if pair[0] == pair[1] {
                #expect(explanation.sentence.hasPrefix("Nothing differs: inputs, masks and"), "\(explanation.sentence)")
            } else {
                let finding = try #require(explanation.findings.first)
                #expect(finding.code == "module-differs" && finding.severity == .warning)
                #expect(finding.sentence.contains("have the same input and mask, and still differ"))
                #expect(finding.sentence.contains("Whether their weights are the same is not known."))
                #expect(explanation.outcome == .incomplete)
            }
        }
    }

    @Test("means over the tokens are judged where the mask is shared")
    func judgesMeans() throws {
        let explanation = try RecordingSite.explain("pooled", "pooled-eager")
        #expect(explanation.recordingPairs.first?.causes == [.rounding] && explanation.outcome == .agree)
        let note = try #require(explanation.findings.first)
        #expect(note.sentence.contains("their means over the tokens agree to"), "\(note.sentence)")
    }

    @Test("of an output that differs after an equal layer norm no size is told")
    func tellsNoSize() throws {
        let explanation = try RecordingSite.explain("base", "written")
        let finding = try #require(explanation.findings.first)
        #expect(finding.code == "module-differs" && explanation.outcome == .disagree)
        #expect(finding.sentence.contains("still differ after their final layer norms, which are equal"))
        #expect(!finding.sentence.contains("up to") && !finding.sentence.contains("rounding"), "\(finding.sentence)")
    }

    @Test("a fault that bfloat16 does not explain is told next to bfloat16")
    func boundsHalfPrecision() throws {
        #expect(try RecordingSite.explain("base", "autocast").recordingPairs.first?.causes == [.precision])
        let explanation = try RecordingSite.explain("base", "autocast-fault")
        #expect(explanation.recordingPairs.first?.causes == [.precision, .module])
        let finding = try #require(explanation.findings.first { $0.code == "module-differs" })
        #expect(finding.sentence.contains("more than bfloat16 is expected to leave"), "\(finding.sentence)")
        // Both in it: its own last bit is what rounding leaves.
        #expect(try RecordingSite.explain("autocast", "autocast-fault").recordingPairs.first?.causes == [.module])
    }

    @Test("dropout of one state of the generator does not explain a later block")
    func excludesDropout() throws {
        let explanation = try RecordingSite.explain("dropping", "dropping-fault")
        let pair = try #require(explanation.recordingPairs.first)
        #expect(pair.causes == [.module] && pair.first?.left.path == "layers.1")
        #expect(!explanation.codes.contains("load-training-mode"))
    }

    @Test("where one side is in half precision and no matrix is equal, that comes first")
    func putsPrecisionFirst() throws {
        let explanation = try RecordingSite.explain("base", "half")
        #expect(explanation.recordingPairs.first?.causes == [.precision, .weights])
        #expect(explanation.findings.map(\.code).prefix(2) == ["precision-differs", "weights-differ"])
        #expect(explanation.findings[0].remedy == "Load the model in float32.")
    }

    @Test("later calls of a model have the weights of its first call by digest, and no more is said")
    func limitsWeightsToFirstCall() throws {
        let folder = try TemporaryDirectory()
        var file = try RecordingFile(RecordingSite.path("base-bare.safetensors"))
        let other = try #require(try RecordingFile(RecordingSite.path("fault-bare.safetensors")).value("calls.0"))
        file.set("calls", to: [try #require(file.value("calls.0")), other])
        let explanation = try RecordingSite.explain(paths: [folder.write("a.safetensors", file.bytes())])
        let finding = try #require(explanation.findings.first)
        #expect(finding.sentence.contains("weights (by the digests taken at the first call of each model)"))
        #expect(finding.evidence.contains { $0.contains("what was written to them since may not show") })
        let text = words(explanation)
        #expect(text.contains("as digests taken at the first call"), "\(text)")
    }
}
