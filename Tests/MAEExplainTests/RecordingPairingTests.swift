import MAEExplain
import MAEVerify
import TestSupport
import Testing

@Suite("Which recorded calls are compared")
struct RecordingPairingTests {
    private func explain(_ files: RecordingFile...) throws -> Explanation {
        let folder = try TemporaryDirectory()
        return try RecordingSite.explain(
            paths: files.enumerated().map { try folder.write("\($0.offset).safetensors", $0.element.bytes()) })
    }

    private func file(_ name: String) throws -> RecordingFile {
        try RecordingFile(RecordingSite.path(name + ".safetensors"))
    }

    @Test("calls are paired by their images, then by their order")
    func pairsByImages() throws {
        let straight = try file("two")
        var swapped = straight
        swapped.set("calls", to: Array(try #require(straight.value("calls") as? [Any]).reversed()))
        let explanation = try explain(straight, swapped)
        #expect(explanation.recordingPairs.map(\.left.call) == [0, 1])
        #expect(explanation.recordingPairs.map(\.right.call) == [1, 0])
        #expect(explanation.recordingPairs.allSatisfy { $0.causes == [.none] } && explanation.outcome == .agree)
        // One that has the images of none is compared with what is left.
        let other = try explain(try file("base-bare"), try file("input"))
        #expect(other.recordingPairs.map(\.causes) == [[.input]])
    }

    @Test("a call that threw is not compared where another did not")
    func skipsThrown() throws {
        let explanation = try RecordingSite.explain("base", "retried")
        let pair = try #require(explanation.recordingPairs.first)
        #expect(explanation.recordingPairs.count == 1 && pair.right.call == 1 && pair.causes == [.none])
        #expect(try RecordingSite.explain("retried").recordingPairs.isEmpty)
    }

    @Test("a call without modules is told, and not compared")
    func tellsEmptyCall() throws {
        var empty = try file("base-bare")
        empty.set("calls.0.modules", to: [Any]())
        for key in ["calls.0.mae", "calls.0.pooled"] { empty.set(key, to: nil) }
        let explanation = try explain(try file("base-bare"), empty)
        #expect(explanation.recordingPairs.isEmpty && explanation.outcome == .incomplete)
        let finding = try #require(explanation.findings.first { $0.code == "recording-incomplete" })
        #expect(finding.severity == .warning && finding.sentence.contains("call 0 tells of no module"))
    }
}
