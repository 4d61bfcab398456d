import MAEDomain

/// Finds the causes of what a comparison shows.
enum Diagnosis {
    /// One rule: looks at a comparison and at what is not explained yet.
    typealias Rule = @Sendable (DiagnosisContext) -> [Explanation]

    /// All rules: causes first, in the order in which a difference travels; then who computed wrongly; then notes.
    static let rules: [Rule] = [
        witnessCauses, staleFile, weightsDiffer, roundedWeights, maskRatioDiffers, configurationDiffers, inputDiffers,
        noiseNotShared, noiseDiffers, maskMiscomputed,
        outputNotFinite, rerunDiffers, poolingDiffers,
        platformOutlier, nodeOutlier, loaderOutlier, intermittent, hiddenDifference, witnessGap, classGap, wrongAnswer,
        unexplained, permutedTokens, harmlessDifferences, guessedConfiguration, loadFindings, workMissing,
        weakEvidence, answersUnchecked, classClaimed, witnessFound, slowNode,
    ]

    /// Applies `rules` in order and returns their findings, the most severe first.
    static func findings(in comparison: Comparison, rules: [Rule] = rules) -> [Finding] {
        var context = DiagnosisContext(comparison)
        var findings: [Finding] = []
        for rule in rules {
            for explanation in rule(context) {
                findings.append(explanation.finding)
                context.accept(explanation)
            }
        }
        // Stable: inside one severity the order of the rules stays.
        let ordered = Severity.allCases.reversed().flatMap { severity in findings.filter { $0.severity == severity } }
        let replayable = ReplayableCells(comparison)
        return ordered.map { finding in
            var finding = finding
            finding.replay = replayable.cell(of: finding)
            return finding
        }
    }
}
