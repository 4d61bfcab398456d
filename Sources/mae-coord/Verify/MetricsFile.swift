import Foundation
import Logging
import MAECommand
import MAECoordinator
import MAEReport
import MAEVerify

/// The file that monitoring reads the figures of a run from, and its verdict.
final class MetricsFile {
    private let file: OutputFile
    private let log: Logger
    /// The figures that were written last.
    private var metrics: RunMetrics?

    init(_ path: String, log: Logger) {
        file = OutputFile(path, isLasting: false)
        self.log = log
    }

    /// Writes the figures; that this fails is no reason to end the run.
    func write(_ metrics: RunMetrics) {
        self.metrics = metrics
        write(metrics.families)
    }

    /// Writes the last figures again, and what the run came to.
    func write(_ verification: Verification) {
        write((metrics?.families ?? []) + verification.families(endedAt: Date()))
    }

    private func write(_ families: [MetricFamily]) {
        do {
            try file.write(PrometheusText.render(families))
        } catch {
            log.warning("the metrics were not written: \(error)")
        }
    }
}
