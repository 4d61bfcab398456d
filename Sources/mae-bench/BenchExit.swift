import ArgumentParser
import Foundation
import MAECheckpoint
import MAECommand
import MAECompute
import MAEContent
import MAECoordinator
import MAEFormats
import MAEStore
import ZeroMQ

/// The exit codes of mae-bench, and which error ends in which.
enum BenchExit {
    /// Ends the process: help and usage errors as ArgumentParser prints them, others as one line and their code.
    static func end(with error: any Error) -> Never {
        guard let code = code(for: error) else { Main.end(with: error) }
        StandardError.complain("mae-bench", "\(error)")
        ProgramEnd.exit(code)
    }

    /// The code of an error of ours; nil for errors that belong to ArgumentParser.
    static func code(for error: any Error) -> Int32? {
        switch error {
        case is WrongResult: return 1
        case let error as CheckpointError: return error.code == .unwritableFile ? 69 : 65
        case let error as ComputeError: return error.exitCode
        case is ContentError: return 65
        case is StoreError, is CoordinatorError, is ZeroMQError, is OutputError: return 69
        case let error as ChildFailure: return error.exitCode
        case is ExitCode, is UsageError: return nil
        default:
            // ArgumentParser gives its own errors and clean exits other codes than the general failure.
            return Main.exitCode(for: error) == .failure ? 70 : nil
        }
    }
}
