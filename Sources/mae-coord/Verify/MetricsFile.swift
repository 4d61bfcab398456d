import Foundation
import Logging
import MAECoordinator
import MAEReport
import MAETensor

/// The file that monitoring reads the figures of a run from.
///
/// Each writing puts a whole new file in place of the old one, so a reader never sees half of one.
struct MetricsFile {
    let path: String
    let log: Logger

    /// Writes the figures; that this fails is no reason to end the run.
    func write(_ metrics: RunMetrics) {
        do {
            try replace(PrometheusText.render(metrics.families))
        } catch {
            log.warning("the metrics were not written: \(error)")
        }
    }

    /// Finds out before a run begins whether the file can be written, which is empty then.
    func prepare() throws { try replace("") }

    private func replace(_ text: String) throws {
        // Collectors read what ends in .prom, and this does not.
        let temporary = "\(path).\(getpid())"
        let manager = FileManager.default
        // Not Foundation's atomic writing: its files are for their owner alone, and collectors are other users.
        guard
            manager.createFile(
                atPath: temporary, contents: Data(text.utf8), attributes: [.posixPermissions: 0o644]),
            rename(temporary, path) == 0
        else {
            let reason = String(cString: strerror(errno))
            unlink(temporary)
            throw TensorError(.unwritableFile, path: path, "cannot be written: \(reason)")
        }
    }
}
