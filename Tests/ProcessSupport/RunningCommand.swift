import Foundation
import Glibc
import TestSupport

/// A process that a test started and that has not been waited for.
package final class RunningCommand: @unchecked Sendable {
    // Sendable: everything is set once, and Process may be asked from any thread whether it runs.
    private let process = Process()
    // Files, not pipes: a program that writes much must not wait for the test to read.
    private let files: TemporaryDirectory
    private let outputFile: FileHandle
    private let errorFile: FileHandle

    /// How often the process is looked at.
    private static let interval = Duration.milliseconds(20)

    /// Starts a program, with `input` on its standard input, and `environment` beside the one of the tests.
    package init(
        program: String, arguments: [String], directory: String?, environment: [String: String] = [:],
        input: String = ""
    ) throws {
        files = try TemporaryDirectory()
        outputFile = try FileHandle(forWritingTo: URL(fileURLWithPath: files.write("output", [])))
        errorFile = try FileHandle(forWritingTo: URL(fileURLWithPath: files.write("errors", [])))
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.standardInput = try FileHandle(
            forReadingFrom: URL(fileURLWithPath: files.write("input", Array(input.utf8))))
        process.standardOutput = outputFile
        process.standardError = errorFile
        if let directory { process.currentDirectoryURL = URL(fileURLWithPath: directory) }
        if !environment.isEmpty {
            process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        }
        try process.run()
    }

    deinit { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }

    /// Whether the process has not ended.
    package var isRunning: Bool { process.isRunning }

    /// Everything written on standard output so far.
    package var output: String { text("output") }

    /// Everything written on standard error so far.
    package var errors: String { text("errors") }

    /// Sends a signal.
    package func send(signal: Int32) { kill(process.processIdentifier, signal) }

    /// Waits for the end of the process; kills it and throws ``CommandTimeout`` after `timeout`.
    package func result(timeout: Duration = .seconds(60)) async throws -> CommandResult {
        try await wait(timeout) { !self.process.isRunning }
        let status = process.terminationStatus
        return CommandResult(
            exitCode: process.terminationReason == .exit ? status : -status, output: output, errors: errors)
    }

    /// Waits until standard output or standard error contains `text`.
    ///
    /// Throws ``CommandTimeout`` when it does not after `timeout`, or when the process ended without it.
    package func waitFor(_ text: String, timeout: Duration = .seconds(60)) async throws {
        try await wait(timeout) {
            // Asked before the text is looked for: what was written last counts too.
            let ended = !self.process.isRunning
            let found = self.output.contains(text) || self.errors.contains(text)
            if ended, !found { throw self.timedOut }
            return found
        }
    }

    private func wait(_ timeout: Duration, until condition: () throws -> Bool) async throws {
        let end = ContinuousClock.now + timeout
        while try !condition() {
            guard ContinuousClock.now < end else {
                send(signal: SIGKILL)
                throw timedOut
            }
            try await Task.sleep(for: Self.interval)
        }
    }

    private var timedOut: CommandTimeout {
        CommandTimeout(
            command: ([process.executableURL?.path ?? ""] + (process.arguments ?? [])).joined(separator: " "),
            output: output, errors: errors)
    }

    private func text(_ name: String) -> String {
        (try? String(decoding: Data(contentsOf: URL(fileURLWithPath: files.file(name))), as: UTF8.self)) ?? ""
    }
}
