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
                    code: "noise-not-shared", severity: context.severity(of: pairs),
                    sentence: "The patch masks differ because the noise is not shared: under the noise policy "
                        + "`\(policy)` each method masks by a draw of its own (\(NumberText.list(draws))), and ViT-MAE "
                        + "masks at random in eval mode too.",
                    evidence: context.keptPatches(pairs) + context.worstDifference(in: pairs),
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

extension DiagnosisContext {
    /// How many of the kept patches are not kept on the other side, on average over `pairs`; empty when not known.
    func keptPatches(_ pairs: [Int]) -> [String] {
        var images = 0
        var kept = 0
        var lost = 0
        // Every pair tells the same story: some hundred are enough for an average.
        for index in pairs.prefix(200) {
            let pair = comparison.pairs[index]
            guard let mine = cells[pair.left].keptPatches, let theirs = cells[pair.right].keptPatches else { continue }
            for (left, right) in zip(mine, theirs) {
                images += 1
                kept += left.count
                lost += Set(left).subtracting(right).count
            }
        }
        guard images > 0 else { return [] }
        let average = NumberText.short(Double(lost) / Double(images))
        let total = NumberText.short(Double(kept) / Double(images))
        return ["Of \(total) kept patches an image, \(average) on average are not kept by the other side."]
    }
}
