import MAEText

extension Finding {
    /// The thread's first cause, which a run with shared noise takes away: told with its figure, unasked.
    init(_ draws: SequentialDraws, in plan: RunPlan) {
        let size = draws.largest.map { " by up to \(NumberText.short($0))" } ?? ""
        let what = draws.largest == nil ? "would differ" : "differ"
        let obstacle = draws.obstacle.map { ["The figure was not computed: \($0)."] } ?? []
        self.init(
            code: .masksDrawnAnew, severity: .note,
            sentence: "In PyTorch each forward call draws a new mask, in eval mode too: "
                + "\(NumberText.count(draws.calls, "call")) of one and the same model, one after the other, \(what)"
                + "\(size). Here every method was masked by the same draw.",
            evidence: draws.largest == nil
                ? obstacle
                : ["`\(draws.method)` on \(NumberText.count(draws.images, "image")), computed after the run."],
            remedy: "To see it, use --noise sequential; to be rid of it in PyTorch, share the noise.",
            python: PythonRemedy.sharedNoise(images: plan.batchSize, patches: nil))
    }
}
