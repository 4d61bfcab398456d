import ArgumentParser
import Foundation
import MAECommand
import MAEStore
import MAEText

/// `mae-coord nodes`: who takes part in a run.
struct NodesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "nodes",
        abstract: "Say who takes part in a run, how each node is doing, and what it computes.",
        discussion: """
            Reads the store, which the coordinator brings up to date once a second: works during a run and after it. \
            States: present, stuck (no progress on its job), draining and drained (told to, by mae-coord drain), lost \
            (with the cause), left (it said Goodbye), expected (a run that is carried on waits for it).

            With --watch it shows them again and again: in place on a terminal, one block after the other elsewhere. It ends with \
            the run, or on a signal, with exit code 0.

            Example: mae-coord nodes --store mae-store
            """)

    @OptionGroup var options: StoreOption

    @Option(
        name: .customLong("run"),
        help: ArgumentHelp("Name of the run; the one worked on last when left out.", valueName: "name"),
        completion: .runs)
    var givenName: String?

    @Flag(
        help:
            "Say too what each node told of its machine: processor, microcode, libraries, variables; JSON has it always."
    )
    var verbose = false

    @Flag(help: "Print JSON; fields are added, never renamed.")
    var json = false

    @Option(
        defaultAsFlag: 2.0,
        help: ArgumentHelp(
            "Show the nodes again after so many seconds, until the run has ended; 2 when left out.",
            valueName: "seconds"))
    var watch: Double?

    func validate() throws {
        guard let watch else { return }
        guard (0.2...3600).contains(watch) else {
            throw ValidationError("--watch \(NumberText.short(watch)): from 0.2 to 3600 seconds.")
        }
        guard !json else { throw ValidationError("--watch shows text: leave out --json.") }
    }

    func run() throws {
        if let watch { return try NodesWatch(options.store, run: givenName, isVerbose: verbose, every: watch).run() }
        let store = try Store(directory: options.store, access: .reading)
        let overview = try SiteOverview(of: givenName, in: store, at: Date())
        try StandardOutput.write(json ? overview.json : verbose ? overview.verboseText : overview.text)
    }
}
