import ArgumentParser
import Foundation

/// What a command takes, as ArgumentParser describes it to tools.
struct CommandDeclaration: Decodable {
    struct Name: Decodable {
        let kind, name: String

        var text: String { (kind == "long" ? "--" : "-") + name }
    }

    struct Argument: Decodable {
        let kind: String
        let isRepeating: Bool
        let names: [Name]?
        let parsingStrategy: String?

        /// The names as they are typed.
        var texts: [String] { names?.map(\.text) ?? [] }
    }

    private struct Tool: Decodable {
        let command: CommandDeclaration
    }

    let commandName: String
    /// Its commands; nil for one that has none.
    let subcommands: [CommandDeclaration]?
    let arguments: [Argument]?

    init(of command: any ParsableCommand.Type) throws {
        self = try JSONDecoder().decode(Tool.self, from: Data(command._dumpHelp().utf8)).command
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        commandName = try container.decode(String.self, forKey: .commandName)
        arguments = try container.decodeIfPresent([Argument].self, forKey: .arguments)
        let subcommands = try container.decodeIfPresent([Self].self, forKey: .subcommands) ?? []
        // The description of any command has `help` among its commands.
        self.subcommands = subcommands.contains { $0.commandName != "help" } ? subcommands : nil
    }

    private enum CodingKeys: String, CodingKey {
        case commandName, subcommands, arguments
    }

    func argument(_ name: String) -> Argument? { arguments?.first { $0.texts.contains(name) } }

    /// Whether it takes options that are not its own, to hand them on.
    var takesOthers: Bool { arguments?.contains { $0.parsingStrategy == "allUnrecognized" } ?? false }

    var options: [String] { arguments?.flatMap(\.texts) ?? [] }

    /// Why an argument, typed as `name`, cannot stand behind the options in `given`; nil when it can.
    ///
    /// A flag may be repeated, since it says the same again; its opposite may not follow it.
    func contradiction(of argument: Argument, as name: String, with given: Set<String>) -> String? {
        guard argument.kind == "option" else {
            let opposite = name.hasPrefix("--no-") ? "--" + name.dropFirst("--no-".count) : "--no-" + name.dropFirst(2)
            return given.contains(opposite) ? "\(opposite) and \(name): give one of them." : nil
        }
        guard !argument.isRepeating, argument.texts.contains(where: given.contains) else { return nil }
        return "\(name) is given more than once, and takes one value: leave all but one out."
    }
}
