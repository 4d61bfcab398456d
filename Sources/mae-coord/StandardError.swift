import Foundation
import Logging
import MAECommand

/// Lines for a person, beside what a program may read from standard output.
enum StandardError {
    static func write(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }

    /// A logger that writes there.
    static func logger(_ label: String, level: Logger.Level) -> Logger {
        var logger = Logger(label: label, factory: { SafeLogHandler(label: $0) })
        logger.logLevel = level
        return logger
    }
}
