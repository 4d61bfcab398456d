import ArgumentParser
import Foundation
import MAECommand
import MAEStore

/// `mae-coord nodes`: who takes part in a run.
struct NodesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "nodes",
        abstract: "Say who takes part in a run, how each node is doing, and what it computes.",
        discussion: """
            Reads the store, which the coordinator brings up to date once a second: works during a run and after it. \
            States: present, stuck (no progress on its job), draining and drained (told to, by mae-coord drain), lost \
            (with the cause), left (it said Goodbye), expected (a run that is carried on waits for it).

            Example: mae-coord nodes --store mae-store
            """)

    @OptionGroup var options: StoreOption

    @Option(
        name: .customLong("run"),
        help: ArgumentHelp("Name of the run; the one worked on last when left out.", valueName: "name"))
    var givenName: String?

    @Flag(
        help:
            "Say too what each node told of its machine: processor, microcode, libraries, variables; JSON has it always."
    )
    var verbose = false

    @Flag(help: "Print JSON; fields are added, never renamed.")
    var json = false

    func run() throws {
        let store = try Store(directory: options.store, access: .reading)
        let overview = try SiteOverview(of: givenName, in: store, at: Date())
        try StandardOutput.write(json ? overview.json : verbose ? overview.verboseText : overview.text)
    }
}
