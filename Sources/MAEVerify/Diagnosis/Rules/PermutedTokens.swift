extension Diagnosis {
    /// The same patches in another order: the thread's second cause, harmless here and the "1e-8" in PyTorch.
    static let permutedTokens: Rule = { context in
        let pairs = context.pairs(with: .order) { pair, left, right in
            pair.reordered && pair.agrees && left.digests.returned != right.digests.returned
        }
        guard !pairs.isEmpty else { return [] }
        let universe = context.cells(in: pairs)
        let exact = pairs.filter { context.comparison.pairs[$0].relation == .identical }
        let everything = universe.allSatisfy { context.cells[$0].maskRatio.value == 0 }
        let why =
            everything
            ? "With mask_ratio 0 every patch is kept, but the noise still shuffles them, and the noise is not the same"
            : "The same patches are kept, but the noise puts them in another order"
        let outcome =
            exact.count == pairs.count
            ? "all \(universe.count) cells concerned agree bit for bit, because this encoder works in ascending patch "
                + "order and shuffles only what it returns"
            : "\(exact.count) of \(pairs.count) pairs agree bit for bit and the others within tolerance"
        let foreign = pairs.filter { context.comparison.pairs[$0].relation == .withinTolerance }
        return [
            Explanation(
                finding: Finding(
                    code: .permutedTokens, severity: .note,
                    sentence: "\(why): \(outcome). PyTorch takes every sum over tokens in the shuffled order, so there "
                        + "the same work differs by about 1e-7, which is rounding and not the GPU.",
                    evidence: [
                        "Compared token by token in the returned order, different patches would stand side by side."
                    ]
                        + context.worstDifference(in: foreign),
                    remedy: "To compare with PyTorch, unshuffle its tokens with ids_restore first, or share the noise.",
                    python: PythonRemedy.unshuffled, cells: context.places(universe)),
                explains: context.explaining(StageSet([.noise, .order]), in: pairs))
        ]
    }
}
