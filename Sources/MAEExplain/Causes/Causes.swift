import MAEDomain
import MAEVerify

/// Names what makes a person's models and outputs differ.
enum Causes {
    /// What a person should know, the most severe first.
    ///
    /// Outputs are seen where models are only predicted, so what they show goes before a cause of the same code.
    static func findings(in explanation: Explanation) -> [Finding] {
        // Outputs and recordings are seen, and each tells of its own.
        let recorded = explanation.recordingFindings
        let ofCalls: [FindingCode] = [.noiseNotShared, .maskRatioDiffers, .permutedTokens]
        let codes = Set(explanation.outputFindings.map(\.code)).union(
            recorded.filter { finding in ofCalls.contains { finding.has($0) } }.map(\.code))
        let seen = explanation.outputFindings + recorded
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
        guard outputs.count > 1 && unrecognized.isEmpty || !recordingPairs.isEmpty,
            finding.has(.noiseNotShared) || finding.has(.maskRatioDiffers)
        else { return finding }
        var finding = finding
        finding.severity = .note
        finding.sentence =
            "Not seen in the \(outputs.count > 1 ? "outputs" : "recordings"), but what the files would do: "
            + finding.sentence
        return finding
    }
}
