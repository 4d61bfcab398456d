import ArgumentParser
import MAECommand

/// `mae-coord health`: what a probe asks.
struct HealthCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "health",
        abstract: "Tell whether the coordinator that keeps its sign of life in a file goes on.",
        discussion: """
            Example: mae-coord health /run/mae/coordinator

            The file is the one that verify was given with --health. Exit codes: 0 it goes on, 69 it gives no sign of life.
            """)

    @Argument(help: ArgumentHelp("The file given to --health.", valueName: "file"), completion: .file())
    var file: String

    func run() throws { try HealthFile.check(file) }
}
