import ArgumentParser
import MAECommand
import MAEStore
import MAEVerify

/// `mae-coord report`: the report of a run again.
struct ReportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Show the report of a run again, and write it to files, from the store alone.",
        discussion: """
            Shows what verify showed, and writes the files that it wrote or could have written. No checkpoints and no workers are \
            needed, and nothing is judged again: that is what verify --resume does. A run that ended early has a report too; one \
            that is under way, or was cut off, has none yet.

            Example: mae-coord report --store mae-store --html report.html

            Exit codes are those of the run: 0 everything agrees, 1 disagreement, 2 incomplete, 3 nothing was compared.
            """)

    @Argument(
        help: ArgumentHelp(
            "Name of the run, as mae-coord runs lists it; the one worked on last when left out.", valueName: "run"))
    var givenName: String?

    @OptionGroup var options: StoreOption
    @OptionGroup var files: ReportFileOptions

    func run() throws {
        let store = try Store(directory: options.store, access: .reading)
        let name = try givenName ?? store.requireLatestRun()
        try InputProtection(inputs: try store.run(name).plan.inputs + store.ownFiles).check(files.outputs)
        let reports = VerifyReports(files: files, store: options.store)
        try reports.probe()
        let judgement = try store.judgement(of: name)
        let errors = reports.write(judgement)
        for error in errors { StandardError.complain("mae-coord", "\(error)") }
        // The verdict goes first, as it does at the end of verify.
        let verdict = judgement.verification.verdict.outcome
        if verdict != .agree { throw ExitCode(verdict.exitCode) }
        if let error = errors.first { throw ExitCode(CommandExit.code(for: error) ?? CommandExit.internalError) }
    }
}
