import MAEText

extension Diagnosis {
    /// Each method drew its own mask: the thread's first cause.
    static let noiseNotShared: Rule = { context in
        let pairs = context.pairs(with: .noise) { pair, left, right in
            left.noise != right.noise && pair.differing.has(.mask) && left.maskRatio.value > 0
                && right.maskRatio.value > 0
        }
        guard !pairs.isEmpty else { return [] }
        let universe = context.cells(in: pairs)
        let draws = Split(universe) { context.cells[$0].noise }.sides.compactMap { side -> String? in
            guard let noise = side.first.map({ context.cells[$0].noise }) else { return nil }
            return "draw \(noise.draw) for \(Scope(side, among: universe, in: context).words)"
        }
        let policies = Set(universe.map { context.cells[$0].noise.policy })
        let policy = policies.count == 1 ? policies.first?.rawValue ?? "" : "mixed"
        return [
            Explanation(
                finding: Finding(
                    code: .noiseNotShared, severity: context.severity(of: pairs),
                    sentence: "The patch masks differ because the noise is not shared: under the noise policy "
                        + "`\(policy)` each method masks by a draw of its own (\(NumberText.list(draws))), and ViT-MAE "
                        + "masks at random in eval mode too.",
                    evidence: context.worstDifference(in: pairs),
                    remedy:
                        "Use --noise shared, or give PyTorch's forward the same `noise=` each time; eval() does not "
                        + "switch the masking off.",
                    python: PythonRemedy.sharedNoise(
                        images: context.comparison.plan.batchSize, patches: nil),
                    cells: context.places(universe)),
                explains: context.explaining(StageSet.masking.union(StageSet([.noise])), in: pairs))
        ]
    }
}
