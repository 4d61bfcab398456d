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
            needed. With --atol or --rtol the results are judged again, by that tolerance; the store keeps its own judgement. A run that \
            ended early has a report too; one that is under way, or was cut off, has none yet.

            Example: mae-coord report --store mae-store --html report.html

            Exit codes are those of the verdict shown: 0 everything agrees, 1 disagreement, 2 incomplete, 3 nothing was compared.
            """, aliases: ["show"])

    @Argument(
        help: ArgumentHelp(
            "Name of the run, as mae-coord runs lists it; the one worked on last when left out.", valueName: "run"),
        completion: .runs)
    var givenName: String?

    @OptionGroup var options: StoreOption
    @OptionGroup var files: ReportFileOptions

    @Option(
        help: ArgumentHelp(
            "Write every result, a JSON object a line, those that reports of long runs only count included; compressed where the name ends in .gz.",
            valueName: "file"), completion: .file(extensions: ["jsonl", "gz"]))
    var cells: String?

    @Option(
        help: ArgumentHelp(
            "Judge again by this absolute tolerance between numeric classes; that of the run when left out.",
            valueName: "x"))
    var atol: Float?

    @Option(
        help: ArgumentHelp(
            "Judge again by this relative tolerance between numeric classes; that of the run when left out.",
            valueName: "x"))
    var rtol: Float?

    func validate() throws {
        for (name, value) in [("atol", atol), ("rtol", rtol)] {
            if let value, !(value.isFinite && value >= 0) {
                throw ValidationError("--\(name) \(value): a number from 0 on.")
            }
        }
    }

    func run() throws {
        let store = try Store(directory: options.store, access: .reading)
        let name = try givenName ?? store.requireLatestRun()
        try InputProtection(inputs: try store.run(name).plan.inputs + store.ownFiles).check(
            files.outputs + [("--cells", cells)])
        let reports = VerifyReports(files: files, store: options.store)
        try reports.probe(and: [cells])
        let judgement = try judged(try store.judgement(of: name), store)
        var errors = reports.write(judgement)
        if let cells {
            do { try ResultsFile(cells).write(name, of: store) } catch { errors.append(error) }
        }
        for error in errors { StandardError.complain("mae-coord", "\(error)") }
        // The verdict goes first, as it does at the end of verify.
        let verdict = judgement.verification.verdict.outcome
        if verdict != .agree { throw ExitCode(verdict.exitCode) }
        if let error = errors.first { throw ExitCode(CommandExit.code(for: error) ?? CommandExit.internalError) }
    }

    /// The judgement by the tolerance that was asked for.
    private func judged(_ judgement: Judgement, _ store: Store) throws -> Judgement {
        guard atol != nil || rtol != nil else { return judgement }
        let planned = judgement.verification.comparison.plan.tolerance
        let tolerance = Tolerance(atol: atol ?? planned.atol, rtol: rtol ?? planned.rtol)
        // What was only counted is read again where it may be judged otherwise.
        let comparison = judgement.verification.comparison
        let results =
            comparison.counted?.dependsOnTolerance ?? false
            ? try store.runResults(of: comparison.plan.run, tolerance: tolerance) : nil
        return Judgement(judgement.verification.judgedAgain(by: tolerance, results), details: judgement.details)
    }
}
