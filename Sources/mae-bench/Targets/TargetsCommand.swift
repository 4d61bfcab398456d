import ArgumentParser
import MAECommand

/// `mae-bench targets`: what is aimed at, and what prints each figure next to its target.
struct TargetsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "targets",
        abstract: "Lists what is aimed at, and the program that measures each figure and says whether it is met.",
        discussion: """
            Nothing is measured here.

            Example: mae-bench targets
            """)

    @Flag(help: "Print JSON instead of a table.")
    var json = false

    func run() throws {
        guard !json else { return try StandardOutput.writeLine(Listing(targets: Target.all).json()) }
        let rows = Target.all.map { "| \($0.what) | \($0.text) | `\($0.program)` |" }
        try StandardOutput.writeLine(
            (["| what | target | measured by |", "|---|---|---|"] + rows).joined(separator: "\n"))
    }

    private struct Listing: Encodable { let targets: [Target] }
}
