import ArgumentParser
import MAECommand
import MAEHistory
import MAEStore

/// `mae-coord history`: night after night, when it began and what changed.
struct HistoryCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "history",
        abstract: "Tell the runs of a store as nights: the first bad night, what changed that night, and flaky nodes.",
        discussion: """
            Runs named NAME-YYYY-MM-DD are the nights of one series; others are, where they ask the same: seed, batches, images and \
            labels of methods. A night is bad when most nodes give other bits than the night before for the same batch and method, or \
            when some give other bits than most. Works from the store alone, also while a run is under way.

            --html writes pages without script, which open from any file share: DIR/index.html, and a page for each judged run. Pages of \
            runs that are there already are not written again.

            Example: mae-coord history --store mae-store --html history
            """)

    @OptionGroup var options: StoreOption

    @Option(
        help: ArgumentHelp("Write pages into this folder, which is made where it is missing.", valueName: "dir"),
        completion: .directory)
    var html: String?

    @Flag(help: "Print JSON; fields are added, never renamed.")
    var json = false

    @Option(help: ArgumentHelp("Look at the last runs alone; at all when left out.", valueName: "n"))
    var last: Int?

    func validate() throws {
        guard let last, last < 1 else { return }
        throw ValidationError("--last \(last): from 1 on.")
    }

    func run() throws {
        let store = try Store(directory: options.store, access: .reading)
        try InputProtection(inputs: store.ownFiles).check([("--html", html)])
        let history = try History(store, last: last)
        if let html {
            let writer = HistoryWriter(folder: html, store: store, named: options.store)
            let written = try writer.write(history)
            if !json { try StandardOutput.writeLine(written) }
        }
        if json {
            try StandardOutput.write(JSONHistory.render(history))
        } else if html == nil {
            try StandardOutput.write(HistoryText.render(history, style: .ofStandardOutput))
        }
    }
}
