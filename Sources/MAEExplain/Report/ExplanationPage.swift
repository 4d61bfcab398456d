import MAECheckpoint
import MAEDomain
import MAEFiles
import MAEFormats
import MAEReport
import MAEText
import MAEVerify

/// An explanation as one HTML page, with the masks drawn.
public enum ExplanationPage {
    /// Renders the page.
    public static func render(_ explanation: Explanation) -> String {
        HTMLPage.render(
            title: explanation.outcome.title,
            parts: [
                banner(explanation), files(explanation), MaskGrid.section(explanation), prediction(explanation),
                outputs(explanation), RecordingStrips.section(explanation), HTMLReport.findings(explanation.findings),
                configuration(explanation),
            ])
    }

    private static func banner(_ explanation: Explanation) -> String {
        let calls = explanation.recordings.reduce(0) { $0 + $1.recording.calls.count }
        let facts =
            explanation.models.isEmpty && explanation.outputs.isEmpty
            ? NumberText.count(calls, "recorded call")
            : "seed \(explanation.request.seed) · \(NumberText.count(explanation.images, "image"))"
        return """
            <header class="banner \(explanation.outcome.rawValue)">
            <h1>\(explanation.outcome.title)</h1>
            <p class="sentence">\(HTMLReport.prose(explanation.sentence))</p>
            <p class="facts">\(SafeText.markup(facts))</p>
            </header>
            """
    }

    private static func section(_ title: String, _ content: String) -> String {
        "<section>\n<h2>\(title)</h2>\n\(content)\n</section>"
    }

    private static func files(_ explanation: Explanation) -> String {
        let models = explanation.models.map { model in
            [
                model.label, model.summary, model.modified.map(ExplanationText.time) ?? "",
                String(model.fingerprints?.sha256.description.prefix(12) ?? ""),
            ]
        }
        let outputs = explanation.outputs.map { output in
            [
                output.label, output.summary, FileSystem.modificationTime(output.path).map(ExplanationText.time) ?? "",
                "",
            ]
        }
        let recordings = explanation.recordings.map { [$0.label, $0.summary, $0.written, ""] }
        return section(
            "Files",
            "<div class=\"wide\">\(HTMLReport.table(["file", "what it is", "written", "weights"], models + outputs + recordings))</div>"
        )
    }

    private static func prediction(_ explanation: Explanation) -> String {
        guard let prediction = explanation.prediction else { return "" }
        let names = explanation.callLabels
        let rows = prediction.pairs.map {
            ["\(names[$0.left]) : \(names[$0.right])", $0.asTheyRun.words, $0.sameMask.words, $0.unmasked.words]
        }
        return section(
            "What PyTorch shows",
            "<div class=\"wide\">"
                + HTMLReport.table(["pair", "as they run", "one mask for all", "nothing masked"], rows)
                + "</div><p class=\"facts\">Largest difference between the means over the encoder's tokens. ~ is rounding: the "
                + "same tokens in another order.</p>")
    }

    private static func outputs(_ explanation: Explanation) -> String {
        guard !explanation.outputs.isEmpty else { return "" }
        let rows = explanation.outputs.enumerated().map { index, output in
            let identity = explanation.identity(index)
            let reason = explanation.unrecognized.first { $0.output == index }?.reason
            return [
                output.label,
                explanation.recordedOutput(index).map(explanation.words) ?? identity.map(explanation.words)
                    ?? "not recognized: \(reason ?? "no model was given: name the checkpoint too")",
                explanation.recordedOutput(index)?.words ?? identity?.match ?? "",
            ]
        }
        let pairs = explanation.outputPairs.map {
            [
                "\(explanation.outputs[$0.left].label) : \(explanation.outputs[$0.right].label)",
                $0.difference.map(NumberText.short) ?? "-", $0.words(explanation),
            ]
        }
        return section(
            "Your outputs",
            "<div class=\"wide\">\(HTMLReport.table(["output", "what it is", "agrees"], rows))</div>"
                + "<div class=\"wide\">\(HTMLReport.table(["pair", "largest difference", "why"], pairs))</div>")
    }

    private static func configuration(_ explanation: Explanation) -> String {
        guard !explanation.models.isEmpty else { return "" }
        let rows = explanation.models.flatMap { model in
            ConfigurationKey.allCases.map { field in
                let (value, origin) = model.stated(field)
                return [model.label, field.rawValue, value, origin]
            }
        }
        return "<section><details><summary>Configuration</summary><div class=\"wide\">"
            + HTMLReport.table(["model", "name", "value", "from"], rows) + "</div></details></section>"
    }
}
