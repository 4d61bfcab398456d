import Foundation
import Logging
import MAEAlarms
import MAECommand
import MAEFiles
import MAEReport
import MAEVerify

/// A step of GitHub Actions that a run is: annotations on standard output, and the summary of the step.
struct GitHubStep {
    private let summary: String?
    private let token = GitHubCommands.makeToken()
    private let log: Logger

    init(_ environment: [String: String], log: Logger) {
        summary = environment["GITHUB_STEP_SUMMARY"].flatMap { $0.isEmpty ? nil : $0 }
        self.log = log
    }

    /// From here on no line of the run is taken for a command: names of nodes are in them.
    func begin() { write(GitHubCommands.stop(token)) }

    /// Has the runner take commands again, of a run that another takes the place of.
    func abandon() { write(GitHubCommands.resume(token)) }

    /// Annotates a run that was judged.
    func end(_ verification: Verification) {
        write(GitHubCommands.resume(token) + GitHubCommands.annotations(verification))
        append(MarkdownReport.render(verification))
    }

    /// Annotates a run that could not begin.
    func end(failure message: String) {
        write(GitHubCommands.resume(token) + GitHubCommands.failure(message))
        append(MarkdownReport.failure(message))
    }

    private func write(_ text: String) {
        do { try StandardOutput.write(text) } catch { log.warning("annotations: \(error)") }
    }

    private func append(_ text: String) {
        guard let summary else { return }
        do { try AppendedFile.append(Array(text.utf8), to: summary) } catch {
            log.warning("the summary of the step was not written: \(error)")
        }
    }
}
