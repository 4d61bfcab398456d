import Foundation
import Logging
import MAECommand
import MAECoordinator
import MAEReport
import MAEStore
import MAEVerify

/// The figures of a run and its verdict, as monitoring reads them: from a file, from a page, or from both.
final class MetricsFile {
    private let file: OutputFile?
    private let pages: RunPages?
    private let log: Logger
    private let started = Date()
    /// How the run ended that was judged before this one; nil where there is none.
    private let last: RunEnding?
    /// The figures that were written last.
    private var metrics: RunMetrics?

    /// Figures for the file at `path` and for `pages`; the page has some from the start.
    init(_ path: String?, _ pages: RunPages?, after last: RunEnding?, log: Logger) {
        file = path.map { OutputFile($0, isLasting: false) }
        self.pages = pages
        self.last = last
        self.log = log
        pages?.show(metrics: PrometheusText.render(start + (last?.families ?? [])))
    }

    /// Writes the figures; that this fails is no reason to end the run.
    func write(_ metrics: RunMetrics) {
        self.metrics = metrics
        write(metrics.families + start + (last?.families ?? []))
    }

    /// Writes the last figures again, and what the run came to; `ending` is nil where the store could not take it.
    func write(_ verification: Verification, ending: RunEnding?) {
        let outcome = verification.verdict.outcome
        let ending = ending ?? RunEnding(time: Date(), verdict: outcome.rawValue, exitCode: outcome.exitCode)
        write(
            (metrics?.families ?? []) + start + ending.families + verification.families(endedAt: ending.time))
    }

    private var start: [MetricFamily] {
        [
            MetricFamily(
                .gauge, "mae_run_start_timestamp_seconds", "When this coordinator began, in Unix time.",
                started.timeIntervalSince1970)
        ]
    }

    private func write(_ families: [MetricFamily]) {
        let text = PrometheusText.render(families)
        pages?.show(metrics: text)
        do {
            try file?.write(text)
        } catch {
            log.warning("the metrics were not written: \(error)")
        }
    }
}
