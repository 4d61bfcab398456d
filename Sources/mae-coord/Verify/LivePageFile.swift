import Foundation
import Logging
import MAECommand
import MAEFiles
import MAEReport

/// The page of a run that goes on, where its report will be.
///
/// Nothing is written before workers can connect: a run that is refused leaves the report of an earlier one as it is.
final class LivePageFile {
    private static let interval = Duration.seconds(2)

    private let file: OutputFile
    private let log: Logger
    /// The command that carries a run of this name on.
    private let resumption: (String) -> String
    private var next: ContinuousClock.Instant?
    private var isFailing = false

    /// Nil for what is no file: a terminal or a pipe takes the report alone.
    init?(_ path: String, log: Logger, resumption: @escaping (String) -> String) {
        guard !SpecialFile.isAt(path) else { return nil }
        file = OutputFile(path, isLasting: false)
        self.log = log
        self.resumption = resumption
    }

    /// Workers can connect: from now on the page is written.
    func begin(_ run: LiveRun) {
        next = .now
        update(run)
    }

    /// Writes the page, when it is time.
    func update(_ run: LiveRun) {
        guard let due = next, ContinuousClock.now >= due else { return }
        write(run)
        next = .now + Self.interval
    }

    /// Says on the page why the run could not go on.
    func fail(_ run: LiveRun, _ error: any Error) {
        guard next != nil else { return }
        write(run, failure: "\(error)")
    }

    /// Writes the page; that this fails is no reason to end the run.
    private func write(_ run: LiveRun, failure: String? = nil) {
        do {
            let now = Date().timeIntervalSince1970
            try file.write(LivePage.render(run, now: now, resume: resumption(run.run), failure: failure))
            isFailing = false
        } catch {
            if !isFailing { log.warning("the page of the run was not written: \(error)") }
            isFailing = true
        }
    }
}
