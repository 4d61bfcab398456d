import ArgumentParser
import MAEText

extension ParsableCommand {
    /// The command that the arguments of this process name, ready to run.
    ///
    /// As `parseAsRoot`, with better words where that fails: an option or a command that does not exist is named with the
    /// nearest one that does, before anything else is complained of, and a negative number is a value and no option. An option
    /// that takes one value and is given twice is refused, where `parseAsRoot` takes the last without a word.
    ///
    /// - Throws: ``UsageError``, and what ArgumentParser throws.
    public static func parseCommandLine(
        _ arguments: [String] = Array(CommandLine.arguments.dropFirst())
    ) throws -> any ParsableCommand {
        let command: any ParsableCommand
        do {
            command = try parseAsRoot(arguments)
        } catch {
            guard exitCode(for: error) != .success else { throw error }
            let prepared = try CommandLineAdvice(of: self, in: self).check(arguments)
            guard prepared != arguments else { throw error }
            return try parseAsRoot(prepared)
        }
        // Where help is asked for, or a command is named that only has others, nothing is given twice.
        let type = type(of: command)
        guard type.configuration.subcommands.isEmpty, UsageError.path(of: type, in: self) != nil else { return command }
        // Of the one command: what the whole program takes is long to read.
        _ = try CommandLineAdvice(of: type, in: self).check(arguments)
        return command
    }
}

/// Looks through arguments for what no command of a program knows, and for what is given twice.
package struct CommandLineAdvice {
    private let root: any ParsableCommand.Type
    private let declaration: CommandDeclaration
    private let program: any ParsableCommand.Type

    /// Advice on what `root` and its subcommands take; `program` is what its usage begins with.
    init(of root: any ParsableCommand.Type, in program: any ParsableCommand.Type) throws {
        (self.root, self.program) = (root, program)
        declaration = try CommandDeclaration(of: root)
    }

    /// The arguments with each negative number tied to its option, `--keep=-1`.
    ///
    /// Throws a ``UsageError`` for the first option or command that does not exist, and for the first option that was given before
    /// and takes one value.
    func check(_ arguments: [String]) throws -> [String] {
        var (command, type) = (declaration, root)
        var path = declaration.commandName
        func fault(_ message: String) -> UsageError { UsageError(message, of: type, in: program) }
        var given: Set<String> = []
        var prepared: [String] = []
        var rest = arguments[...]
        while let word = rest.popFirst() {
            prepared.append(word)
            if word == "--" { return prepared + rest }
            if word.hasPrefix("-"), word != "-" {
                let name = String(word.prefix { $0 != "=" })
                guard let argument = command.argument(name) else {
                    if command.takesOthers { continue }
                    throw fault(
                        "Unknown option '\(name)' of \(path)\(NearestWord.advice(name, among: command.options))")
                }
                if let message = command.contradiction(of: argument, as: name, with: given) { throw fault(message) }
                given.formUnion(argument.texts)
                guard argument.kind == "option", name == word, let value = rest.first, Self.isValue(value) else {
                    continue
                }
                rest.removeFirst()
                if value.hasPrefix("-"), value != "-" {
                    prepared[prepared.count - 1] += "=" + value
                } else {
                    prepared.append(value)
                }
            } else if let subcommands = command.subcommands {
                guard let next = subcommands.first(where: { $0.commandName == word }) else {
                    throw fault(
                        "\(path) has no command '\(word)'\(NearestWord.advice(word, among: subcommands.map(\.commandName)))"
                    )
                }
                command = next
                type = type.configuration.subcommands.first { $0.configuration.commandName == word } ?? type
                path += " " + word
            }
        }
        return prepared
    }

    /// Whether an option takes this word for its value, which a dash begins only where it is a number.
    private static func isValue(_ word: String) -> Bool {
        !word.hasPrefix("-") || word == "-" || Double(word) != nil
    }
}
