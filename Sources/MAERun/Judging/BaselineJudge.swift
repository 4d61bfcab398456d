import MAEStore
import MAEVerify

/// Sets a run against a baseline, and looks through the runs before it for when its bits changed.
struct BaselineJudge: Sendable {
    /// So many earlier runs with the same work are looked at.
    private static let mostRuns = 100

    let pinned: PinnedBaseline
    let store: Store

    /// The figures, and the finding where there is something to tell.
    func judge(_ comparison: Comparison, _ step: StepControl) -> (summary: BaselineSummary, finding: Finding?) {
        let now = BaselineComparison(pinned.baseline, comparison)
        step.show("setting the results against the baseline")
        let history = now.changed.isEmpty ? nil : history(of: comparison, step)
        return (
            BaselineSummary(
                file: pinned.file, run: pinned.baseline.run, held: now.held.count, changed: now.changed.count,
                unchecked: now.unchecked.count),
            now.finding(file: pinned.file, in: comparison.plan, history)
        )
    }

    /// Since when runs of the store have other bits; the later ones are looked at first, up to one that holds.
    private func history(of comparison: Comparison, _ step: StepControl) -> BaselineHistory {
        let run = comparison.plan.run
        var firstChanged = comparison
        var count = 1
        // A run that cannot be read, or was never judged, says nothing.
        let known = (try? store.history(limit: Int.max)) ?? []
        let earlier = known.drop { $0.run != run }.dropFirst()
        for entry in earlier where count <= Self.mostRuns && !step.isCancelled {
            guard let then = try? store.judgement(of: entry.run).verification.comparison else { continue }
            let compared = BaselineComparison(pinned.baseline, then)
            guard compared.isAnyChecked else { continue }
            guard !compared.holds else {
                return BaselineHistory(
                    lastHeld: entry.run, firstChanged: firstChanged.plan.run, runs: count,
                    changes: RunComparison(then, firstChanged).changes)
            }
            firstChanged = then
            count += 1
        }
        return BaselineHistory(lastHeld: nil, firstChanged: firstChanged.plan.run, runs: count, changes: [])
    }
}
