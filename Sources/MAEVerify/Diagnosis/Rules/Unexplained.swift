import MAEText

extension Diagnosis {
    /// Disagreements that no other rule names the cause of.
    static let unexplained: Rule = { context in
        let pairs = context.comparison.pairs.indices.filter { index in
            !context.comparison.pairs[index].agrees && !context.suspicious(index).isEmpty
        }
        guard !pairs.isEmpty else { return [] }
        let stages = pairs.reduce(into: StageSet()) { $0.formUnion(context.suspicious($1)) }
        return [
            Explanation(
                finding: Finding(
                    code: .unexplained, severity: .error,
                    sentence: "\(NumberText.count(pairs.count, "pair")) of cells differ in their "
                        + NumberText.list(stages.stages.map(\.name)) + " for a reason that is not known.",
                    evidence: context.worstDifference(in: pairs),
                    remedy:
                        "Ask for full tensors and per-layer digests of the two sides, and keep the store for a report.",
                    cells: context.places(context.cells(in: pairs))),
                explains: context.explaining(stages, in: pairs))
        ]
    }
}

extension DiagnosisContext {
    /// What is left to explain of a pair; noise that differs on purpose and changed only the order needs no explanation.
    fileprivate func suspicious(_ index: Int) -> StageSet {
        let pair = comparison.pairs[index]
        let onPurpose = pair.reordered && cells[pair.left].noise != cells[pair.right].noise
        return onPurpose ? unexplained[index].subtracting(StageSet([.noise, .order])) : unexplained[index]
    }
}
