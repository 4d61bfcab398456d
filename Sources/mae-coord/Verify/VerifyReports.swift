import Foundation
import MAECommand
import MAEReport
import MAEVerify

/// Shows a verification to the person and writes it for programs.
struct VerifyReports {
    let options: VerifyReportOptions

    /// Finds out before a run begins whether its reports can be written.
    func probe() throws(OutputError) {
        for file in [options.json, options.junit, options.html, options.metrics].compactMap(\.self) {
            try OutputFile(file).probe()
        }
    }

    /// Writes every report that can be written, files first, and returns why others could not.
    func write(_ verification: Verification, details: ReportDetails) -> [any Error] {
        var errors: [any Error] = []
        func attempt(_ work: () throws -> Void) {
            do { try work() } catch { errors.append(error) }
        }
        if let file = options.json {
            attempt { try OutputFile(file).write(JSONReport.render(verification, details: details)) }
        }
        if let file = options.junit { attempt { try OutputFile(file).write(JUnitReport.render(verification)) } }
        if let file = options.html {
            attempt { try OutputFile(file).write(HTMLReport.render(verification, details: details)) }
        }
        let style = TerminalStyle(
            isTerminal: isatty(STDOUT_FILENO) == 1, environment: ProcessInfo.processInfo.environment,
            width: TerminalWidth.of(STDOUT_FILENO))
        attempt { try StandardOutput.write(TerminalReport.render(verification, details: details, style: style)) }
        return errors
    }
}
