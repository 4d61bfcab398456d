import MAEExplain
import MAEVerify
import TestSupport
import Testing

@Suite("Recordings next to checkpoints and outputs")
struct RecordingMixTests {
    @Test("a recorded call is computed again from the checkpoint with its weights")
    func computesAgain() throws {
        let explanation = try RecordingSite.explain("decoder", "hub")
        let run = try #require(explanation.recordedRuns.first)
        #expect(run.isRounding && run.difference < 1e-6 && run.fromDouble < 1e-6 && run.ownFromDouble < 1e-6)
        #expect(explanation.outcome == .agree && explanation.prediction == nil)
        let note = try #require(explanation.findings.first { $0.code == "rounding" })
        #expect(note.sentence.contains("`call 0` is what the weights in `hub` give"))
    }

    @Test("images and noise that were drawn after a seed need not be kept")
    func drawsImagesAgain() throws {
        let explanation = try RecordingSite.explain("masks", "hub")
        #expect(explanation.recordedRuns.count == 2 && explanation.recordedRuns.allSatisfy(\.isRounding))
        #expect(explanation.codes.first == "noise-not-shared")
    }

    @Test("where the noise is not known, the order of the patches does as well")
    func readsOrder() throws {
        let folder = try TemporaryDirectory()
        var file = try RecordingFile(RecordingSite.path("decoder.safetensors"))
        file.set("calls.0.mae.noise", to: nil)
        let path = try folder.write("a.safetensors", file.bytes())
        let explanation = try RecordingSite.explain(paths: [path, RecordingSite.path("hub")])
        #expect(explanation.recordedRuns.first?.isRounding == true)
    }

    @Test("each side's block, computed again from its own input, says which is wrong")
    func judgesBlocks() throws {
        let explanation = try RecordingSite.explain("base-kept", "fault-kept", "hub")
        let blocks = explanation.blockReplays
        // On the side that agrees with the checkpoint too: a layer norm may hide what a block adds.
        #expect(blocks.map(\.block) == [0, 1, 0, 1])
        #expect(blocks.map(\.isRight) == [true, true, false, true])
        // The element that was changed is in image 1.
        #expect(blocks.allSatisfy { $0.image == 1 })
        let finding = try #require(explanation.findings.first)
        #expect(finding.code == "module-differs")
        #expect(
            finding.evidence.contains { $0.contains("`fault-kept.safetensors` recorded") && $0.contains("it is wrong") }
        )
        #expect(
            finding.evidence.contains { $0.contains("`base-kept.safetensors` recorded") && $0.contains("it is right") })
        let other = try #require(explanation.findings.first { $0.code == "outputs-differ" })
        #expect(other.evidence.contains { $0.contains("these are wrong: 0") }, "\(other.evidence)")
    }

    @Test("a call in half precision is told as that, next to its checkpoint too")
    func namesPrecision() throws {
        let explanation = try RecordingSite.explain("autocast", "hub")
        #expect(explanation.recordedRuns.first?.isRounding == false)
        let finding = try #require(explanation.findings.first)
        #expect(finding.code == "precision-differs" && finding.severity == .error)
        #expect(finding.evidence.contains { $0.contains("autocast cpu bfloat16") }, "\(finding.evidence)")
    }

    @Test("weights that are not those of the checkpoint are named")
    func namesOtherWeights() throws {
        let explanation = try RecordingSite.explain("weights", "hub")
        #expect(explanation.outcome == .disagree && explanation.recordedRuns.isEmpty)
        let finding = try #require(explanation.findings.first)
        #expect(finding.code == "weights-differ")
        #expect(finding.sentence.contains("`vit.encoder.layer.1.intermediate.dense.weight`"))
    }

    @Test("equal weights alone do not say that outputs agree")
    func tellsWhatIsMissing() throws {
        let explanation = try RecordingSite.explain("base", "hub")
        #expect(explanation.outcome == .incomplete)
        #expect(explanation.sentence.contains("keep=\"input\""))
        #expect(ExplanationText().render(.recordings, of: explanation).contains("equal by SHA-256 to those of hub"))
    }

    @Test("a ratio that the checkpoint states otherwise is a warning")
    func warnsOfRatio() throws {
        let explanation = try RecordingSite.explain("unmasked", "hub")
        #expect(explanation.outcome == .agree)
        let finding = try #require(explanation.findings.first { $0.code == "mask-ratio-differs" })
        #expect(finding.severity == .warning && finding.sentence.contains("`hub` says mask_ratio 0.75"))
    }

    @Test("a saved output is matched with the recorded call that gave it")
    func matchesOutputs() throws {
        let explanation = try RecordingSite.explain("base", "mean.npy")
        let match = try #require(explanation.recordedOutputs.first)
        #expect(match.reduction == .mean && match.distance < 1e-6)
        #expect(explanation.outcome == .agree)
        let other = try RecordingSite.explain("masks", "mean.npy")
        #expect(other.recordedOutputs.isEmpty && other.codes.contains("output-unknown"))
    }

    @Test("a recording is taken whole")
    func refusesParts() {
        #expect(throws: (any Error).self) {
            try RecordingSite.explain(paths: [RecordingSite.path("base.safetensors#pooled")])
        }
    }

    @Test("all reports tell of recordings")
    func writesReports() throws {
        let explanation = try RecordingSite.explain("base", "fault")
        let json = try ExplanationJSON.render(explanation)
        for field in [
            "\"recordings\"", "\"recording_pairs\"", "\"begins_in\"", "\"pooled_largest\"", "\"recorded_runs\"",
        ] {
            #expect(json.contains(field))
        }
        let page = ExplanationPage.render(explanation)
        #expect(page.contains("<h2>Recordings</h2>") && page.contains("<td class=\"cell differs\">x</td>"))
        let suite = ExplanationJUnit.render(explanation)
        #expect(suite.contains("name=\"base.safetensors = fault.safetensors\"") && suite.contains("failures=\"1\""))
    }
}
