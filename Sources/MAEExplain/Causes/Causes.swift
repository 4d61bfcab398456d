import MAEDomain
import MAEVerify

/// Names what makes a person's models and outputs differ.
enum Causes {
    /// What a person should know, the most severe first.
    ///
    /// Outputs are seen where models are only predicted, so what they show goes before a cause of the same code.
    static func findings(in explanation: Explanation) -> [Finding] {
        let seen = explanation.outputFindings
        let codes = Set(seen.map(\.code))
        let predicted =
            explanation.staleFiles + explanation.weightsDiffer + explanation.maskRatiosDiffer
            + explanation.settingsDiffer + explanation.masksDrawnAnew + explanation.orderAlone
        let all =
            explanation.modelsNotFinite + explanation.outputsNotFinite
            + predicted.filter { !codes.contains($0.code) }.map(explanation.weighed) + seen
            + explanation.readingFindings
        // Stable: inside one severity the order above stays.
        return Severity.allCases.reversed().flatMap { severity in all.filter { $0.severity == severity } }
    }
}

extension Explanation {
    /// A predicted cause, as a note where outputs that were all recognized do not show it: they come from other calls.
    fileprivate func weighed(_ finding: Finding) -> Finding {
        guard outputs.count > 1, unrecognized.isEmpty,
            finding.has(.noiseNotShared) || finding.has(.maskRatioDiffers)
        else { return finding }
        var finding = finding
        finding.severity = .note
        finding.sentence = "Not seen in the outputs, but what the files would do: " + finding.sentence
        return finding
    }
}
