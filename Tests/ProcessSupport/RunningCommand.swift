import Foundation
import Glibc
import TestSupport

/// A process that a test started and that has not been waited for.
package final class RunningCommand: Sendable {
    private let process: SpawnedProcess
    // Files, not pipes: a program that writes much must not wait for the test to read.
    private let files: TemporaryDirectory
    private let command: String

    /// Starts a program, with `input` on its standard input, and `environment` beside the one of the tests.
    package init(
        program: String, arguments: [String], directory: String?, environment: [String: String] = [:],
        input: String = ""
    ) throws {
        files = try TemporaryDirectory()
        command = ([program] + arguments).joined(separator: " ")
        process = try SpawnedProcess(
            program, arguments, directory: directory,
            environment: ProcessInfo.processInfo.environment.merging(environment) { $1 },
            files: (
                input: try files.write("input", Array(input.utf8)), output: try files.write("output", []),
                errors: try files.write("errors", [])
            ))
    }

    deinit { if isRunning { send(signal: SIGKILL) } }

    /// Whether the process has not ended.
    package var isRunning: Bool { process.status == nil }

    /// A field of /proc/PID/status that tells of memory, such as `VmRSS`, in bytes; nil once the process has ended.
    package func memory(_ field: String) -> Int? {
        let status = try? String(contentsOfFile: "/proc/\(process.id)/status", encoding: .utf8)
        let line = status?.split(separator: "\n").first { $0.hasPrefix(field + ":") }
        return line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) }.map { $0 * 1024 }
    }

    /// Everything written on standard output so far.
    package var output: String { text("output") }

    /// Everything written on standard error so far.
    package var errors: String { text("errors") }

    /// Sends a signal.
    package func send(signal: Int32) { process.send(signal: signal) }

    /// Waits for the end of the process; kills it and throws ``CommandTimeout`` after `Duration.patience`.
    package func result() async throws -> CommandResult {
        try await wait { !self.isRunning }
        return CommandResult(exitCode: process.status ?? 0, output: output, errors: errors)
    }

    /// Waits until standard output or standard error contains `text`.
    ///
    /// Throws ``CommandTimeout`` when it does not within `Duration.patience`, or when the process ended without it.
    package func waitFor(_ text: String) async throws {
        try await wait {
            // Asked before the text is looked for: what was written last counts too.
            let ended = !self.isRunning
            let found = self.output.contains(text) || self.errors.contains(text)
            if ended, !found { throw self.timedOut }
            return found
        }
    }

    private func wait(until condition: () throws -> Bool) async throws {
        do {
            try await eventually("what the process is to come to") { try condition() }
        } catch is WaitedInVain {
            send(signal: SIGKILL)
            throw timedOut
        }
    }

    private var timedOut: CommandTimeout { CommandTimeout(command: command, output: output, errors: errors) }

    private func text(_ name: String) -> String {
        (try? String(decoding: Data(contentsOf: URL(fileURLWithPath: files.file(name))), as: UTF8.self)) ?? ""
    }
}
