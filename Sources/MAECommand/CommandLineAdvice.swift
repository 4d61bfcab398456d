import ArgumentParser
import Foundation
import MAEText

extension ParsableCommand {
    /// The command that the arguments of this process name, ready to run.
    ///
    /// As `parseAsRoot`, with better words where that fails: an option or a command that does not exist is named with the
    /// nearest one that does, before anything else is complained of, and a negative number is a value and no option.
    public static func parseCommandLine(
        _ arguments: [String] = Array(CommandLine.arguments.dropFirst())
    ) throws -> any ParsableCommand {
        do {
            return try parseAsRoot(arguments)
        } catch {
            guard exitCode(for: error) != .success else { throw error }
            let prepared = try CommandLineAdvice(of: self).check(arguments)
            guard prepared != arguments else { throw error }
            return try parseAsRoot(prepared)
        }
    }
}

/// Looks through arguments for what no command of a program knows.
package struct CommandLineAdvice {
    /// A command, as ArgumentParser describes it to tools.
    private struct Command: Decodable {
        struct Name: Decodable {
            let kind, name: String

            var text: String { (kind == "long" ? "--" : "-") + name }
        }

        struct Argument: Decodable {
            let kind: String
            let names: [Name]?
            let parsingStrategy: String?
        }

        let commandName: String
        let subcommands: [Command]?
        let arguments: [Argument]?

        func argument(_ name: String) -> Argument? {
            arguments?.first { $0.names?.contains { $0.text == name } ?? false }
        }

        /// Whether it takes options that are not its own, to hand them on.
        var takesOthers: Bool { arguments?.contains { $0.parsingStrategy == "allUnrecognized" } ?? false }

        var options: [String] { arguments?.flatMap { $0.names ?? [] }.map(\.text) ?? [] }
    }

    private struct Program: Decodable {
        let command: Command
    }

    private let root: Command

    init(of program: any ParsableCommand.Type) throws {
        root = try JSONDecoder().decode(Program.self, from: Data(program._dumpHelp().utf8)).command
    }

    /// The arguments with each negative number tied to its option, `--keep=-1`.
    ///
    /// Throws a `ValidationError` for the first option or command that does not exist.
    func check(_ arguments: [String]) throws -> [String] {
        var command = root
        var path = root.commandName
        var prepared: [String] = []
        var rest = arguments[...]
        while let word = rest.popFirst() {
            prepared.append(word)
            if word == "--" { return prepared + rest }
            if word.hasPrefix("-"), word != "-" {
                let name = String(word.prefix { $0 != "=" })
                if command.takesOthers, command.argument(name) == nil { continue }
                guard let argument = command.argument(name) else { throw Self.unknown(name, command, path) }
                guard argument.kind == "option", name == word, let value = rest.popFirst() else { continue }
                if Double(value).map({ $0 < 0 }) ?? false {
                    prepared[prepared.count - 1] += "=" + value
                } else {
                    prepared.append(value)
                }
            } else if let subcommands = command.subcommands {
                guard let next = subcommands.first(where: { $0.commandName == word }) else {
                    throw ValidationError(
                        "\(path) has no command '\(word)'\(NearestWord.advice(word, among: subcommands.map(\.commandName)))"
                    )
                }
                command = next
                path += " " + word
            }
        }
        return prepared
    }

    private static func unknown(_ name: String, _ command: Command, _ path: String) -> ValidationError {
        ValidationError("Unknown option '\(name)' of \(path)\(NearestWord.advice(name, among: command.options))")
    }
}
