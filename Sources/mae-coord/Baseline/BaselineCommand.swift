import ArgumentParser

/// `mae-coord baseline`: the bits that later runs are held to.
struct BaselineCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "baseline",
        abstract: "Pin what a run gave, for later runs to be set against.",
        discussion: """
            Nodes that agree with each other may all have changed together. A baseline is a file for your version control: the digests \
            that a run gave, batch by batch and method by method. verify --baseline FILE, and the plan of a night, hold every later run to it.

            Example: mae-coord baseline pin night-2026-11-01 -o baseline.json
            """,
        subcommands: [BaselinePinCommand.self])
}
