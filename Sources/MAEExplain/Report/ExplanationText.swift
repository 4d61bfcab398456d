import Foundation
import MAECheckpoint
import MAEDomain
import MAEFiles
import MAEFormats
import MAEReport
import MAEText
import MAEVerify

/// An explanation as a person reads it in a terminal, section by section.
public struct ExplanationText {
    let style: TerminalStyle

    /// Text in a style.
    public init(style: TerminalStyle = TerminalStyle()) { self.style = style }

    /// One section, ending in a newline; empty when there is nothing to say in it.
    public func render(_ section: Explanation.Section, of explanation: Explanation) -> String {
        let lines =
            switch section {
            case .files: files(explanation)
            case .weights: weights(explanation)
            case .configuration: configuration(explanation)
            case .prediction: prediction(explanation)
            case .outputs: outputs(explanation)
            case .recordings: recordings(explanation)
            case .causes: causes(explanation)
            }
        return lines.isEmpty ? "" : lines.joined(separator: "\n") + "\n\n"
    }

    func section(_ title: String, _ lines: [String]) -> [String] { [style.paint(title, .bold)] + lines }

    func wrapped(_ text: String) -> [String] {
        style.wrap(SafeText.terminal(text), first: "  ", indent: "  ")
    }

    private func files(_ explanation: Explanation) -> [String] {
        var table = TextTable()
        for (index, model) in explanation.models.enumerated() {
            table.add("\(index + 1)", model.label, model.summary, model.modified.map(Self.time) ?? "")
        }
        for output in explanation.outputs {
            table.add("", output.label, output.summary, FileSystem.modificationTime(output.path).map(Self.time) ?? "")
        }
        for recording in explanation.recordings {
            table.add("", recording.label, recording.summary, recording.written)
        }
        return section("Files", [table.text(indentation: 2)])
    }

    private func weights(_ explanation: Explanation) -> [String] {
        guard let weights = explanation.weights else { return [] }
        var lines: [String] = []
        for (index, group) in weights.groups.enumerated() {
            let labels = group.models.map { explanation.models[$0].label }
            let count = explanation.models[group.models[0]].fingerprints?.entries.count ?? 0
            let digest = group.digest.description.prefix(12)
            if weights.groups.count == 1, labels.count > 1 {
                lines += wrapped(
                    "All \(count) tensors were compared: equal, bit for bit, in \(NumberText.list(labels)) (sha256 \(digest))."
                )
            } else {
                lines += wrapped("\(NumberText.list(labels)): \(count) tensors, sha256 \(digest)")
            }
            for difference in weights.differences where difference.right == index {
                let first = explanation.models[weights.groups[difference.left].models[0]].label
                lines += wrapped("against \(first): \(difference.model.summary(first, labels[0])).")
                lines += difference.model.tensors.prefix(5).map { tensor in
                    SafeText.terminal("     \(tensor.name): \(tensor.words)")
                }
            }
        }
        return section("Weights", lines)
    }

    private func configuration(_ explanation: Explanation) -> [String] {
        let models = explanation.models
        let differing = ConfigurationKey.allCases.filter { field in
            field == .maskRatio || Set(models.map { $0.checkpoint.configuration.values[field] }).count > 1
        }
        var table = TextTable()
        for field in differing {
            for (index, model) in models.enumerated() {
                let (value, origin) = model.stated(field)
                table.add(index == 0 ? field.rawValue : "", value, model.label, origin)
            }
        }
        var lines = [table.text(indentation: 2)]
        let silent = models.filter { !$0.checkpoint.carriesConfiguration && $0.givenMaskRatio == nil }.map(\.label)
        if !silent.isEmpty {
            lines += wrapped(
                "\(NumberText.list(silent)) \(silent.count == 1 ? "states" : "state") no configuration: a state dict is weights "
                    + "alone, and what is set in Python (model.config.mask_ratio = …) is not in it.")
        }
        if models.count > 1 { lines.append("  All other values are equal.") }
        return section("Configuration", lines)
    }

    private func prediction(_ explanation: Explanation) -> [String] {
        guard let prediction = explanation.prediction else { return [] }
        var table = TextTable(rightAligned: [1, 2, 3])
        table.add("", "as they run", "one mask for all", "nothing masked")
        for pair in prediction.pairs {
            table.add(
                explanation.numbers(pair), pair.asTheyRun.words, pair.sameMask.words, pair.unmasked.words)
        }
        let input =
            explanation.request.pixels == nil
            ? "torch.manual_seed(\(explanation.request.seed)); x = torch.randn(\(prediction.images), …)"
            : "torch.manual_seed(\(explanation.request.seed)) and the \(prediction.images) images given"
        return section(
            "What PyTorch shows",
            wrapped(
                "\(input), then one forward call after the other, in the order given. Largest difference between the means over "
                    + "the encoder's tokens:")
                + [table.text(indentation: 2)]
                + (prediction.pairs.contains { $0.hasRounding }
                    ? wrapped(
                        "~ is rounding: the same tokens in another order, measured on "
                            + NumberText.count(prediction.roundingImages, "image") + ".") : []))
    }

    private func outputs(_ explanation: Explanation) -> [String] {
        guard !explanation.outputs.isEmpty else { return [] }
        var table = TextTable()
        for (index, output) in explanation.outputs.enumerated() {
            if let match = explanation.recordedOutput(index) {
                table.add(output.label, explanation.words(match), match.words)
            } else if let identity = explanation.identity(index) {
                table.add(output.label, explanation.words(identity), identity.match)
            } else if let unknown = explanation.unrecognized.first(where: { $0.output == index }) {
                let closest = unknown.closest.map { "; the closest differs by \(NumberText.short($0))" } ?? ""
                table.add(output.label, "not recognized: \(unknown.reason)\(closest)")
            } else {
                table.add(
                    output.label,
                    explanation.recordings.isEmpty
                        ? "no model was given that it could come from: name the checkpoint too" : "of no recorded call")
            }
        }
        var lines = [table.text(indentation: 2)]
        if !explanation.outputPairs.isEmpty {
            var pairs = TextTable(rightAligned: [1])
            for pair in explanation.outputPairs {
                pairs.add(
                    "\(explanation.outputs[pair.left].label) : \(explanation.outputs[pair.right].label)",
                    pair.difference.map(NumberText.short) ?? "-", pair.words(explanation))
            }
            lines += ["", pairs.text(indentation: 2)]
        }
        return section("Your outputs", lines)
    }

    private func causes(_ explanation: Explanation) -> [String] {
        let (word, color): (String, TerminalStyle.Color) =
            switch explanation.outcome {
            case .agree: ("SAME", .green)
            case .disagree: ("DIFFERENT", .red)
            case .incomplete: ("INCOMPLETE", .yellow)
            case .nothingCompared: ("NOTHING COMPARED", .yellow)
            }
        var lines = style.wrap(SafeText.terminal(explanation.sentence), first: word + "  ", indent: "  ")
        lines[0] = style.paint(word, color) + lines[0].dropFirst(word.count)
        let told = explanation.findings.filter(\.isTold)
        if !told.isEmpty { lines += [""] + TerminalReport.findings(told, style, title: "Why, and what to do") }
        let silent = explanation.findings.count - told.count
        if silent > 0 {
            lines += [
                "", style.paint("\(NumberText.count(silent, "note")) of the reader: --json or --html shows all.", .dim),
            ]
        }
        return lines
    }

    /// Seconds since 1970 as `2026-01-31 23:59`, in the local time zone.
    static func time(_ seconds: Double) -> String { LocalTime.text(seconds) }
}
