import ArgumentParser

/// A command line that a command cannot work with, told with the usage of that command.
///
/// ArgumentParser knows the command of a `ValidationError` only while it parses: of one that is thrown later it shows the usage of the
/// whole program.
public struct UsageError: Error, CustomStringConvertible {
    /// What is wrong, and what to do about it.
    public let description: String
    private let usage: String

    init(_ message: String, of command: any ParsableCommand.Type, in program: any ParsableCommand.Type) {
        description = message
        let path = (Self.path(of: command, in: program) ?? [program.configuration.commandName ?? ""])
            .joined(separator: " ")
        usage = "Usage: \(program.usageString(for: command))\n  See '\(path) --help' for more information.\n"
    }

    /// The names that lead from the program to one of its commands; nil for a command that is not the program's own.
    static func path(of command: any ParsableCommand.Type, in program: any ParsableCommand.Type) -> [String]? {
        func search(_ type: any ParsableCommand.Type) -> [String]? {
            let name = type.configuration.commandName ?? ""
            if type == command { return [name] }
            for subcommand in type.configuration.subcommands {
                if let rest = search(subcommand) { return [name] + rest }
            }
            return nil
        }
        return search(program)
    }

    /// The lines that end the program.
    var text: String { "Error: \(description)\n\(usage)" }
}

extension ParsableCommand {
    /// Runs a command of `program`.
    ///
    /// - Throws: what the command throws, and ``UsageError`` in place of a `ValidationError`.
    public mutating func run(in program: any ParsableCommand.Type) throws {
        do { try run() } catch let error as ValidationError {
            throw UsageError(error.message, of: Self.self, in: program)
        }
    }

    /// Ends the process with an error that belongs to ArgumentParser, or a ``UsageError``.
    public static func end(with error: any Error) -> Never {
        guard let error = error as? UsageError else { exit(withError: error) }
        StandardError.write(error.text)
        ProgramEnd.exit(ExitCode.validationFailure.rawValue)
    }
}
