import MAEText

extension Diagnosis {
    /// Nodes that compute other bits on the way to equal outputs: rounding hid what went wrong.
    static let hiddenDifference: Rule = { context in
        let pairs = context.pairs(with: .layers) { pair, _, _ in pair.bitwise && pair.agrees }
        return context.oddOnes(pairs, by: { context.cells[$0].layers }) { scope, odd, reference, touched in
            let attribution = context.attribution(ofNode: odd)
            return Explanation(
                finding: Finding(
                    code: .hiddenDifference, severity: .warning,
                    sentence:
                        "The output of \(scope.words) is right, the machine is not: other bits after a layer, which "
                        + "rounding hid before the output." + (attribution?.beginning ?? ""),
                    evidence: FirstLayer.evidence(context.cells[reference], context.cells[odd])
                        + (attribution?.evidence ?? []),
                    remedy: context.remedy(attribution)
                        ?? "Take it out of service and test its memory and processor: the next such error may reach the "
                        + "output."),
                explains: context.explaining(StageSet([.layers]), in: touched))
        }
    }
}
