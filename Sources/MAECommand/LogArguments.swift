import ArgumentParser
import Foundation
import Logging

/// How much a command logs: `--log-level`, else `MAE_LOG_LEVEL`, else the default of the command.
public struct LogArguments: ParsableArguments {
    /// The environment's name for the level.
    public static let variable = "MAE_LOG_LEVEL"

    @Option(
        help: ArgumentHelp(
            "What to log on standard error: trace, debug, info, notice, warning, error or critical; the environment's "
                + "MAE_LOG_LEVEL when left out.", valueName: "level"))
    var logLevel: Logger.Level?

    /// The options before any argument was read.
    public init() {}

    /// Throws for a level in the environment that is none, unless the command line goes before it.
    public func validate() throws { _ = try level(default: .info) }

    /// The level to log at, where `fallback` is the default of the command.
    public func level(default fallback: Logger.Level) throws -> Logger.Level {
        if let logLevel { return logLevel }
        guard let text = ProcessInfo.processInfo.environment[Self.variable], !text.isEmpty else { return fallback }
        guard let level = Logger.Level(rawValue: text) else {
            throw ValidationError(
                "\(Self.variable)=\(text): set it to trace, debug, info, notice, warning, error or critical, or unset it."
            )
        }
        return level
    }
}

extension Logger.Level: @retroactive ExpressibleByArgument {}
