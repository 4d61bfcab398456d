extension Diagnosis {
    /// The layernorm outputs agree and their means do not.
    static let poolingDiffers: Rule = { context in
        let pairs = context.pairs(with: .pooled) { pair, _, _ in
            !pair.differing.has(.layernorm) && pair.relation != .withinTolerance
        }
        return context.oddOnes(pairs, by: { context.cells[$0].digests.pooled }) { scope, odd, _, touched in
            let attribution = context.attribution(ofNode: odd)
            return Explanation(
                finding: Finding(
                    code: .poolingDiffers, severity: context.severity(of: touched),
                    sentence:
                        "\(scope.words) has the same layernorm output bit for bit, and another mean over its tokens."
                        + (attribution?.beginning ?? ""),
                    evidence: attribution?.evidence ?? [],
                    remedy: context.remedy(attribution)
                        ?? "Only the last reduction or the transport is at fault: compare the engine builds."),
                explains: context.explaining(StageSet([.pooled]), in: touched))
        }
    }
}
