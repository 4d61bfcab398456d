import ArgumentParser
import MAECommand
import MAECoordinator
import MAEFiles
import MAEFormats
import MAEHistory
import MAENight
import MAERun
import MAEStore
import MAETensor
import MAEText
import MAEVerify

/// One night of a plan.
struct Night {
    let plan: NightPlan
    let runs: NightRuns
    /// How many runs of the plan are kept; nil keeps all.
    let keep: Int?
    /// The folder that gets the pages of the history; nil for none.
    let history: String?
    /// Words of the command line, which go before the plan.
    let flags: [String]
    let date: NightDate

    /// The words of a `verify` that begins a run.
    func words(beginning run: String) -> [String] { plan.arguments(for: run, on: date, overriddenBy: flags) }

    /// The command of these words.
    ///
    /// - Throws: `NightPlanError` for what the plan says, and a usage error for what a flag says.
    func command(_ words: [String]) throws -> VerifyCommand {
        do {
            guard let command = try VerifyCommand.parseCommandLine(words) as? VerifyCommand else {
                throw ValidationError("verify has no subcommands.")
            }
            return command
        } catch {
            guard VerifyCommand.exitCode(for: error) != .success else { throw error }
            let message = VerifyCommand.message(for: error)
            let isOfFlag = flags.contains { flag in
                flag.hasPrefix("--") && message.contains(flag.prefix { $0 != "=" })
            }
            throw isOfFlag ? ValidationError(message) : plan.error([message])
        }
    }

    /// Begins the night's run, or carries on the one that was cut off, and ends with its verdict.
    func run() throws {
        let first = try command(words(beginning: runs.name(1, on: date)))
        let start = try start(in: first.store)
        let verdict = Result { try carryOut(start, first) }
        if case .failure(let error) = verdict, !(error is ExitCode) { throw error }
        let tidied = Result { try tidy(first) }
        if case .failure(let error) = tidied { StandardError.complain("mae-coord", "\(error)") }
        try verdict.get()
        if case .failure(let error) = tidied {
            throw ExitCode(CommandExit.code(for: error) ?? CommandExit.internalError)
        }
    }

    /// What there is to do; refused while another process works with the store.
    private func start(in directory: String) throws -> NightRuns.Start {
        try runs.next(on: date, in: Store(directory: directory))
    }

    private func carryOut(_ start: NightRuns.Start, _ first: VerifyCommand) throws {
        let name: String
        switch start {
        case .new(let run): return try carryOut(command(words(beginning: run)))
        case .resumed(let run): name = run
        }
        let reason: String
        do {
            if try isPlannedAs(name, first) {
                note("carrying on run \(name), which was cut off before its verdict", first)
                let words = NightPlan.words(carryingOn: name, words(beginning: name))
                return try carryOut(command(words), withoutAlarmFor: Self.isOfOtherCheckpoint)
            }
            reason = "the plan is another one by now"
        } catch let error where Self.isOfOtherCheckpoint(error) {
            reason = "\(error)"
        }
        let next = try runs.newName(on: date, in: Store(directory: first.store, access: .reading))
        note("run \(name) was cut off and is not carried on (\(reason)): run \(next) begins", first)
        try carryOut(command(words(beginning: next)))
    }

    /// Whether a run of the store set out to do what the plan says now.
    private func isPlannedAs(_ run: String, _ first: VerifyCommand) throws -> Bool {
        let planned = try Store(directory: first.store, access: .reading).run(run).plan
        var now = try first.newRun().plan
        // What each run has of its own.
        (now.run, now.freshSeed, now.checkpoints) = (planned.run, planned.freshSeed, planned.checkpoints)
        return now == planned
    }

    /// Whether a run cannot be carried on since its checkpoint was replaced: no failure of the night, which then begins another run.
    private static func isOfOtherCheckpoint(_ error: any Error) -> Bool {
        (error as? CoordinatorError)?.code == .otherCheckpoint
    }

    private func carryOut(_ verify: VerifyCommand, withoutAlarmFor isExpected: (any Error) -> Bool = { _ in false })
        throws
    {
        try InputProtection(inputs: [plan.path]).check(verify.outputs)
        for output in verify.outputs {
            // Where this fails, verify says that the file cannot be written.
            if let path = output.path { try? Folder.make(FileSystem.split(path).folder) }
        }
        do { try verify.run(withoutAlarmFor: isExpected) } catch  where Self.isOfInputs(error) {
            let messages = (error as? RunObstacles)?.all.map { "\($0)" } ?? ["\(error)"]
            let told = plan.error(messages)
            throw told.problems.contains { $0.line != nil } ? told : error
        }
    }

    /// Whether what the plan names is at fault, and nothing was run.
    private static func isOfInputs(_ error: any Error) -> Bool {
        // A store that cannot be written is no input, and has a code of its own.
        guard CommandExit.code(for: error) == CommandExit.badInput else { return false }
        return error is RunObstacles || error is MethodError || error is CheckpointError || error is TensorError
            || error is BaselineError
    }

    /// Forgets older runs of the plan, and writes the history of those that are left.
    private func tidy(_ verify: VerifyCommand) throws {
        try forget(verify)
        guard let history else { return }
        let store = try Store(directory: verify.store, access: .reading)
        try InputProtection(inputs: store.ownFiles + [plan.path]).check([("--history", history)])
        note(try HistoryWriter(folder: history, store: store, named: verify.store).write(History(store)), verify)
    }

    private func forget(_ verify: VerifyCommand) throws {
        guard let keep else { return }
        let removed = try Store(directory: verify.store).prune(keeping: keep, where: runs.have)
        guard !removed.isEmpty else { return }
        note("removed \(NumberText.count(removed.count, "older run")): \(NumberText.list(removed))", verify)
    }

    private func note(_ text: String, _ verify: VerifyCommand) {
        ProgressLine(isQuiet: verify.quiet).note("night: \(text)")
    }
}
