import MAEText

extension Diagnosis {
    /// The thread's first cause, which a run with shared noise takes away: told with its figure, unasked.
    static let masksDrawnAnew: Rule = { context in
        guard let draws = context.comparison.sequentialDraws else { return [] }
        let size = draws.largest.map { " by up to \(NumberText.short($0))" } ?? ""
        let what = draws.largest == nil ? "would differ" : "differ"
        return [
            Explanation(
                finding: Finding(
                    code: "masks-drawn-anew", severity: .note,
                    sentence: "In PyTorch each forward call draws a new mask, in eval mode too: "
                        + "\(NumberText.count(draws.calls, "call")) of one and the same model, one after the other, \(what)"
                        + "\(size). Here every method was masked by the same draw.",
                    evidence: draws.largest == nil
                        ? []
                        : ["`\(draws.method)` on \(NumberText.count(draws.images, "image")), computed after the run."],
                    remedy: "To see it, use --noise sequential; to be rid of it in PyTorch, share the noise.",
                    python: PythonRemedy.sharedNoise(images: context.comparison.plan.batchSize, patches: nil)))
        ]
    }
}
