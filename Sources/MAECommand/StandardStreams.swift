import Foundation
import MAEFiles
import MAEText

/// A place that a command was to write to, and could not.
public struct OutputError: Error, CustomStringConvertible {
    /// What could not be written, and why.
    public let description: String

    init(_ place: String, _ reason: String) { description = "\(place): cannot be written: \(reason)" }

    /// A place that could not be written for the reason that `error` gives.
    public init(_ place: String, _ error: FileError) { self.init(place, error.reason) }
}

/// What a command answers, for a person or a program.
public enum StandardOutput {
    /// Writes all of `text`.
    ///
    /// - Throws: ``OutputError`` when it is not taken, by a full disk for example.
    public static func write(_ text: String) throws(OutputError) {
        do {
            try FileHandle.standardOutput.write(contentsOf: Data(text.utf8))
        } catch {
            throw OutputError("standard output", (error as NSError).reason)
        }
    }

    /// Writes `text` and ends the line.
    public static func writeLine(_ text: String) throws(OutputError) { try write(text + "\n") }
}

/// Lines for a person, apart from what a program may read from standard output.
public enum StandardError {
    /// Writes `text`, which ends a line, as far as it is taken: that a log is full is no reason to end the work that it
    /// tells of.
    public static func write(_ text: String) { StatusBlock.standingAside { writeBytes(text) } }

    /// Writes `text` where the cursor is.
    static func writeBytes(_ text: String) { try? FileHandle.standardError.write(contentsOf: Data(text.utf8)) }

    /// Writes a line that names the program, with everything visible that peers and files have put into it.
    public static func complain(_ program: String, _ message: String) {
        let lines = message.split(separator: "\n", omittingEmptySubsequences: false).map {
            SafeText.terminal(String($0))
        }
        write("\(program): \(lines.joined(separator: "\n"))\n")
    }

    /// Makes a pipe without a reader an error of the write, as a full disk is, instead of the end of the process.
    public static func ignoreBrokenPipes() { signal(SIGPIPE, SIG_IGN) }
}

extension NSError {
    /// The reason that the system gave, where it gave one.
    fileprivate var reason: String {
        (userInfo[NSUnderlyingErrorKey] as? NSError)?.reason
            ?? (domain == NSPOSIXErrorDomain ? String(cString: strerror(Int32(code))) : localizedDescription)
    }
}
