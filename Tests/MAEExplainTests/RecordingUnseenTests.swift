import MAEDomain
import MAEExplain
import MAEFormats
import MAEVerify
import TestSupport
import Testing

/// What recordings do not hold is said, and is no agreement.
@Suite("What recordings do not show")
struct RecordingUnseenTests {
    /// A recording of the same call with other fields.
    private func changed(
        _ name: String, in folder: TemporaryDirectory, as file: String, _ change: (inout RecordingFile) throws -> Void
    ) throws -> String {
        var recording = try RecordingFile(RecordingSite.path(name + ".safetensors"))
        try change(&recording)
        return try folder.write(file + ".safetensors", recording.bytes())
    }

    /// JSON without some members, however deep they are.
    private static func without(_ keys: Set<String>, _ value: Any) -> Any {
        if let list = value as? [Any] { return list.map { without(keys, $0) } }
        guard let members = value as? [String: Any] else { return value }
        return members.filter { !keys.contains($0.key) }.mapValues { without(keys, $0) }
    }

    @Test("calls of which one side has no digests are not said to agree")
    func comparesNothing() throws {
        let folder = try TemporaryDirectory()
        let bare = try changed("base-bare", in: folder, as: "bare") { recording in
            let modules = try #require(recording.value("calls.0.modules"))
            recording.set("calls.0.modules", to: Self.without(["sha256", "rows_sha256"], modules))
            recording.set("calls.0.pooled", to: nil)
        }
        let explanation = try RecordingSite.explain(paths: [RecordingSite.path("fault-bare.safetensors"), bare])
        #expect(explanation.recordingPairs.first?.causes == [.unknown] && explanation.outcome == .incomplete)
        let finding = try #require(explanation.findings.first)
        #expect(finding.code == "recording-incomplete" && finding.severity == .warning)
        #expect(finding.sentence.hasPrefix("Whether ") && finding.sentence.contains("there is no digest on both sides"))
        #expect(explanation.sentence == finding.sentence)
    }

    @Test("stages of which only digests were kept are told next to outputs that agree to rounding")
    func tellsStages() throws {
        let explanation = try RecordingSite.explain("base", "eager")
        let finding = try #require(explanation.findings.first { $0.code == "rounding" })
        #expect(
            finding.evidence.contains { $0.hasPrefix("2 stages before them have other bits and no values were kept") },
            "\(finding.evidence)")
        #expect(explanation.outcome == .agree)
    }

    @Test("a recording without a call has no settings that differ")
    func comparesNoSettings() throws {
        let folder = try TemporaryDirectory()
        let empty = try changed("base", in: folder, as: "empty") { recording in
            recording.set("settings", to: [String: Any]())
            recording.set("models", to: [Any]())
            recording.set("calls", to: [Any]())
        }
        let explanation = try RecordingSite.explain(paths: [RecordingSite.path("base.safetensors"), empty])
        #expect(explanation.codes == ["recording-incomplete"], "\(explanation.findings)")
        #expect(!ExplanationText().render(.recordings, of: explanation).contains("not recorded"))
    }

    @Test("the number of images is that of the recorded calls")
    func countsImages() throws {
        let explanation = try RecordingSite.explain("base", "fault")
        #expect(explanation.images == 2)
        #expect(try ExplanationJSON.render(explanation).contains("\"images\": 2"))
    }

    @Test("the remedy of fewer bits is for what took them away")
    func namesRemedy() throws {
        let finding = try #require(try RecordingSite.explain("base", "autocast").findings.first)
        #expect(finding.code == "precision-differs" && finding.remedy == "Call the model outside of autocast.")
        #expect(finding.python?.contains("enabled=False") == true && finding.python?.contains("float()") == false)
    }
}
