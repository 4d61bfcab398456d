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
        let all = predicted.filter { !codes.contains($0.code) } + seen + explanation.readingFindings
        // Stable: inside one severity the order above stays.
        return Severity.allCases.reversed().flatMap { severity in all.filter { $0.severity == severity } }
    }
}
