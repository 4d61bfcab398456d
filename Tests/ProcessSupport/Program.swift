import Foundation
import Glibc

/// The programs of this package, run as a user runs them.
package enum Program: String {
    case coordinator = "mae-coord"
    case worker = "mae-worker"
    case bench = "mae-bench"
    /// mae-worker with planted faults.
    case faultyWorker = "faulty-worker"

    /// The program that was built together with these tests: it lies beside them.
    package var path: String {
        get throws {
            let tests = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
            return URL(fileURLWithPath: tests).deletingLastPathComponent().appendingPathComponent(rawValue).path
        }
    }

    /// Runs the program to its end.
    ///
    /// Throws ``CommandTimeout`` after killing it when it has not ended within `Duration.patience`.
    package func run(_ arguments: String..., in directory: String? = nil) async throws -> CommandResult {
        try await run(arguments, in: directory)
    }

    /// Runs the program to its end.
    package func run(
        _ arguments: [String], in directory: String? = nil, environment: [String: String] = [:]
    ) async throws -> CommandResult {
        try await start(arguments, in: directory, environment: environment).result()
    }

    /// Starts the program, which is killed when the last reference to it goes.
    package func start(
        _ arguments: [String], in directory: String? = nil, environment: [String: String] = [:]
    ) throws -> RunningCommand {
        try RunningCommand(program: path, arguments: arguments, directory: directory, environment: environment)
    }
}

/// What a program left when it ended.
package struct CommandResult {
    /// The exit code, or minus the number of the signal that ended it.
    package let exitCode: Int32
    /// Everything on standard output.
    package let output: String
    /// Everything on standard error.
    package let errors: String

    /// The lines on standard error without those that tell on a slow machine how far the program is.
    package var complaints: [Substring] {
        errors.split(separator: "\n").filter { !$0.hasSuffix(" %") && !$0.hasSuffix(" s") }
    }
}

/// A program did not come to what a test waited for.
package struct CommandTimeout: Error, CustomStringConvertible {
    let command: String
    let output: String
    let errors: String

    package var description: String { "\(command) did not come to its end; it wrote:\n\(output)\n\(errors)" }
}
