import ArgumentParser
import MAECommand
import MAEStore
import MAEText
import MAEVerify

/// `mae-coord prune`: forgetting old runs.
struct PruneCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prune",
        abstract: "Remove old runs from a store, with all that no other run needs.",
        discussion: """
            Keeps the runs that began last, and refuses while a run is under way. The drain orders stay. What is removed \
            cannot be carried on or looked at any more.

            Example: mae-coord prune --store mae-store --keep 30
            """)

    @OptionGroup var options: StoreOption

    @Option(help: ArgumentHelp("How many runs to keep.", valueName: "n"))
    var keep: Int

    func validate() throws {
        guard keep >= 0 else { throw ValidationError("--keep \(keep): from 0 on.") }
    }

    func run() throws {
        // A store is not made just to be emptied.
        _ = try Store(directory: options.store, access: .reading)
        let removed = try Store(directory: options.store).prune(keeping: keep)
        let names = removed.isEmpty ? "" : ": " + removed.map(SafeText.terminal).joined(separator: ", ")
        try StandardOutput.writeLine("removed \(NumberText.count(removed.count, "run"))\(names)")
    }
}
