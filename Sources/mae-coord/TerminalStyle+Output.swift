import Foundation
import MAECommand
import MAEReport

extension TerminalStyle {
    /// The style of what is written to standard output.
    static var ofStandardOutput: TerminalStyle {
        TerminalStyle(
            isTerminal: isatty(STDOUT_FILENO) == 1, environment: ProcessInfo.processInfo.environment,
            width: TerminalWidth.of(STDOUT_FILENO))
    }

    /// The style of what is written to standard error.
    static var ofStandardError: TerminalStyle {
        TerminalStyle(
            isTerminal: isatty(STDERR_FILENO) == 1, environment: ProcessInfo.processInfo.environment,
            width: TerminalWidth.of(STDERR_FILENO))
    }
}
