import Foundation
import MAEReport
import MAETensor
import MAEVerify

/// Shows a verification to the person and writes it for programs.
struct VerifyReports {
    let options: VerifyReportOptions

    func write(_ verification: Verification, details: ReportDetails) throws {
        let style = TerminalStyle(
            isTerminal: isatty(STDOUT_FILENO) == 1, environment: ProcessInfo.processInfo.environment)
        FileHandle.standardOutput.write(Data(TerminalReport.render(verification, details: details, style: style).utf8))
        if let file = options.json { try write(try JSONReport.render(verification, details: details), to: file) }
        if let file = options.junit { try write(JUnitReport.render(verification), to: file) }
        if let file = options.html { try write(HTMLReport.render(verification, details: details), to: file) }
    }

    private func write(_ text: String, to file: String) throws {
        do {
            try Data(text.utf8).write(to: URL(fileURLWithPath: file), options: .atomic)
        } catch {
            throw TensorError(.unwritableFile, path: file, "cannot be written: \(error.localizedDescription)")
        }
    }
}
