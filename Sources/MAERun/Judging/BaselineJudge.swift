import MAEStore
import MAEVerify

/// Sets a run against a baseline, and looks through the runs before it for when its bits changed.
struct BaselineJudge: Sendable {
    /// So many earlier runs with the same work are looked at.
    private static let mostRuns = 100

    let pinned: PinnedBaseline
    let store: Store

    /// The figures, and the finding where there is something to tell; since when results are others as far as no signal comes first.
    ///
    /// - Throws: ``Interruption`` when a signal comes before the results are compared, and what the store throws: a verdict without
    ///   that would pass for one that the baseline agrees with.
    func judge(
        _ comparison: Comparison, _ steps: InterruptibleSteps
    ) throws -> (summary: BaselineSummary, finding: Finding?) {
        let compared = try steps.run("mae-baseline") { step in try compare(comparison, step) }
        guard let now = compared.value else {
            throw Interruption(
                "interrupted before the baseline was looked at; --resume \(comparison.plan.run) judges again")
        }
        var since: BaselineHistory?
        if now.changed > 0 {
            since = (try? steps.run("mae-baseline") { step in history(of: comparison, step) })?.value
        }
        return (
            BaselineSummary(
                file: pinned.file, run: pinned.baseline.run, held: now.held, changed: now.changed,
                unchecked: now.unchecked),
            now.finding(file: pinned.file, in: comparison.plan, since)
        )
    }

    /// Sets all results of a run against the baseline: those that its comparison only counts are read from the store.
    ///
    /// - Throws: what the store throws, and `CancellationError` once the step is to stop.
    private func compare(_ comparison: Comparison, _ step: StepControl) throws -> BaselineComparison {
        step.show("setting the results against the baseline")
        guard comparison.isCounted else { return BaselineComparison(pinned.baseline, comparison) }
        return try BaselineComparison(pinned.baseline, comparison.plan) { take in
            try store.eachResult(of: comparison.plan.run) { result in
                if step.isCancelled { throw CancellationError() }
                take(result)
            }
        }
    }

    /// Since when runs of the store have other bits; the later ones are looked at first, up to one that holds.
    private func history(of comparison: Comparison, _ step: StepControl) -> BaselineHistory {
        step.show("looking for the first run with other bits than the baseline")
        let run = comparison.plan.run
        var firstChanged = comparison
        var count = 1
        // A run that cannot be read, or was never judged, says nothing.
        let known = (try? store.history(limit: Int.max)) ?? []
        let earlier = known.drop { $0.run != run }.dropFirst()
        for entry in earlier where count <= Self.mostRuns && !step.isCancelled {
            guard let then = try? store.judgement(of: entry.run).verification.comparison,
                let compared = try? compare(then, step), compared.isAnyChecked
            else { continue }
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
