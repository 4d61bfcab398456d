import ArgumentParser
import MAECommand
import MAEReport
import MAERun
import MAEStore
import MAEVerify

/// `mae-coord replay`: a finding again, on one machine.
struct ReplayCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Compute a cell of a run again on this machine, and say which stored results it agrees with.",
        discussion: """
            Needs the store and the files of the run, and no workers. Reads the files and refuses those that changed since the run \
            began; loads the model by the cell's method, computes the same batch, and sets it against the stored results of the cell and \
            of the one that it was set against: weights, input, noise, mask, every layer, layernorm, pooled. Where nodes were asked \
            about operations, it compares their values too. Findings of a report name the command.

            Example: mae-coord replay --cell right/full/0 --store mae-store

            Exit codes: 0 this machine agrees with the cell, 1 it does not, so the difference is shown again.
            """)

    @Argument(
        help: ArgumentHelp(
            "Name of the run, as mae-coord runs lists it; the one worked on last when left out.", valueName: "run"),
        completion: .runs)
    var givenName: String?

    @Option(help: ArgumentHelp("The cell: NODE/METHOD/BATCH, as findings name it.", valueName: "cell"))
    var cell: String

    @OptionGroup var options: StoreOption
    @OptionGroup var engineOptions: EngineArguments

    @Option(
        help: ArgumentHelp(
            "Set the cell against the result of this node by the same method; when left out, against the one that the run chose.",
            valueName: "node"), completion: .nodes)
    var against: String?

    @Flag(help: "List every operation of the layer that was asked about, or else of the first that differs.")
    var operations = false

    @Option(
        help: ArgumentHelp("Write what was found for programs; its fields are stable.", valueName: "file"),
        completion: .file(extensions: ["json"]))
    var json: String?

    func run() throws {
        let store = try Store(directory: options.store, access: .reading)
        let replay = try Replay(
            cell, against: against, of: try givenName ?? store.requireLatestRun(), in: store)
        try InputProtection(inputs: replay.inputs + store.ownFiles).check([("--json", json)])
        if let json { try OutputFile(json).probe() }
        let progress = ProgressLine()
        for path in replay.unrecorded {
            progress.note("note: the run did not record what was at \(path): what this machine has there may differ.")
        }
        let report = try replay.run(on: engineOptions.options, listsOperations: operations) { step in
            if let share = step.share {
                progress.show(step.text, share.done, of: share.total)
            } else {
                progress.show(step.text)
            }
        }
        progress.clear()
        let command = replay.inferCommand
        if let json { try OutputFile(json).write(JSONReplay.render(report, command: command)) }
        try StandardOutput.write(
            ReplayText.render(
                report, command: command, listsOperations: operations, style: .ofStandardOutput))
        if !report.agrees { throw ExitCode(CommandExit.disagreement) }
    }
}
