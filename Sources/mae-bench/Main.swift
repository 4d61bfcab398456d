import ArgumentParser

/// `mae-bench`: how fast the parts of the engine are on this machine.
@main
struct Main: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mae-bench",
        abstract: "Measures the engine on this machine.",
        discussion: "Each figure is the best of several runs, so other work on the machine disturbs it little.",
        subcommands: [KernelsCommand.self, ModelCommand.self, RandomCommand.self])
}
