import ArgumentParser
import Foundation
import MAEAlarms
import MAECheckpoint
import MAECommand
import MAECompute
import MAEContent
import MAECoordinator
import MAEExplain
import MAEFormats
import MAEHTTP
import MAEKeys
import MAENight
import MAERun
import MAEStore
import MAETensor
import MAEThreads
import MAEVerify
import ZeroMQ

/// The exit codes of mae-coord, and which error ends in which.
enum CommandExit {
    static let disagreement: Int32 = 1
    static let incomplete: Int32 = 2
    static let usage: Int32 = 64
    static let badInput: Int32 = 65
    static let unavailable: Int32 = 69
    static let internalError: Int32 = 70

    /// Ends the process: help and usage errors as ArgumentParser prints them, others as one line and their code.
    static func end(with error: any Error) -> Never {
        guard let code = code(for: error) else { MAECoord.end(with: error) }
        StandardError.complain("mae-coord", "\(error)")
        ProgramEnd.exit(code)
    }

    /// The code of an error of ours; nil for errors that belong to ArgumentParser.
    static func code(for error: any Error) -> Int32? {
        switch error {
        case let error as CheckpointError: return error.code == .unwritableFile ? unavailable : badInput
        case let error as TensorError: return error.code == .unwritableFile ? unavailable : badInput
        case let error as ComputeError: return error.exitCode
        case let error as StoreError:
            switch error.code {
            case .inUse, .inaccessible, .diskFull: return unavailable
            case .newerVersion, .olderVersion, .damaged, .unknownRun, .notJudged, .duplicate: return badInput
            case .unknownReference: return internalError
            }
        case let error as KeyError:
            switch error.code {
            case .missing, .insecure, .malformed, .exists, .revoked, .unknownNode: return badInput
            case .unwritable, .unreadable: return unavailable
            }
        case let error as ReplayError:
            switch error.code {
            case .unknownCell: return usage
            case .otherFiles: return badInput
            }
        case let error as RunObstacles: return error.all.lazy.compactMap { code(for: $0) }.first ?? badInput
        case is ContentError, is MethodError, is UnreadableFiles, is BaselineError, is NightPlanError: return badInput
        case is DefaultEndpointError: return unavailable
        case is AlarmError, is HealthError, is HTTPError, is OutputError, is LocalWorkerError, is ThreadError:
            return unavailable
        case let error as CoordinatorError:
            switch error.code {
            case .badPlan: return usage
            case .otherCheckpoint: return badInput
            case .openEndpoint, .unknownKeyAccepted, .missingFolder, .unguardedFolder, .endpointInUse,
                .unwritableFile:
                return unavailable
            }
        case let error as ZeroMQError: return error.code == .badEndpoint ? usage : unavailable
        // As when the signal ends a run: nothing is complete.
        case is Interruption: return incomplete
        case is ExitCode, is UsageError: return nil
        default:
            // ArgumentParser gives its own errors and clean exits other codes than the general failure.
            return MAECoord.exitCode(for: error) == .failure ? internalError : nil
        }
    }
}
