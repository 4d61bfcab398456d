import MAECheckpoint
import MAEDomain
import MAEExplain
import MAETensor
import TestSupport
import Testing

/// Weights that a program holds in another form than the checkpoint that they came from.
@Suite("Recorded weights next to a checkpoint")
struct RecordingWeightsTests {
    private func words(_ explanation: Explanation) -> String {
        ExplanationText().render(.recordings, of: explanation).split(whereSeparator: \.isWhitespace)
            .joined(separator: " ")
    }

    /// A recording whose model has query, key and value of its encoder in one, under the names of facebookresearch/mae.
    private func fused(_ name: String, in folder: TemporaryDirectory, as file: String) throws -> String {
        let checkpoint = try ModelCheckpoint.open(RecordingSite.path("hub"))
        var recording = try RecordingFile(RecordingSite.path(name + ".safetensors"))
        let weights = try #require(recording.value("models.0.weights") as? [[String: Any]])
        var others = weights.filter { weight in
            let name = weight["name"] as? String ?? ""
            return name.contains("decoder") || !["q_proj", "k_proj", "v_proj"].contains(where: name.contains)
        }
        #expect(weights.count - others.count == 12)
        for block in 0..<2 {
            for kind in ["weight", "bias"] {
                var hasher = SHA256Hasher()
                for part in ["query", "key", "value"] {
                    try checkpoint.read("vit.encoder.layer.\(block).attention.attention.\(part).\(kind)") {
                        $0.update(&hasher)
                    }
                }
                others.append([
                    "name": "blocks.\(block).attn.qkv.\(kind)", "shape": kind == "bias" ? [48] : [48, 16],
                    "dtype": "float32", "sha256": "\(hasher.finalize())",
                ])
            }
        }
        recording.set("models.0.weights", to: others)
        return try folder.write(file, recording.bytes())
    }

    @Test("weights in half precision are those of the checkpoint that they were rounded from")
    func recognizesHalf() throws {
        let explanation = try RecordingSite.explain("half", "hub")
        let finding = try #require(explanation.findings.first)
        #expect(finding.code == "precision-differs" && finding.severity == .error, "\(explanation.findings)")
        #expect(finding.sentence.contains("had the weights of `hub` in float16"), "\(finding.sentence)")
        #expect(!explanation.codes.contains("weights-differ") && explanation.recordedRuns.isEmpty)
        #expect(words(explanation).contains("equal by SHA-256 to those of hub in float16"), "\(words(explanation))")
    }

    @Test("query, key and value in one are those of the checkpoint that has them as three")
    func recognizesFused() throws {
        let folder = try TemporaryDirectory()
        let path = try fused("decoder", in: folder, as: "fused.safetensors")
        let explanation = try RecordingSite.explain(paths: [path, RecordingSite.path("hub")])
        #expect(!explanation.codes.contains("weights-differ"), "\(explanation.findings)")
        #expect(explanation.recordedRuns.first?.isRounding == true)
        #expect(words(explanation).contains("equal by SHA-256 to those of hub"), "\(words(explanation))")
    }

    @Test("whether query, key and value in one are the three of another recording is not known")
    func leavesFusedOpen() throws {
        let folder = try TemporaryDirectory()
        let path = try fused("fault", in: folder, as: "fused.safetensors")
        let explanation = try RecordingSite.explain(paths: [RecordingSite.path("base.safetensors"), path])
        let finding = try #require(explanation.findings.first)
        #expect(finding.code == "module-differs" && finding.severity == .warning, "\(explanation.findings)")
        #expect(finding.sentence.contains("Whether their weights are the same is not known."))
    }
}
