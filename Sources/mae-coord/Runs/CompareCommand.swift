import ArgumentParser
import MAECommand
import MAEReport
import MAEStore
import MAEVerify

/// `mae-coord compare`: whether a run gave the bits of an earlier one.
struct CompareCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare",
        abstract: "Say whether a run gave the bits of an earlier one, and what changed between them.",
        discussion: """
            Sets what most nodes of each run gave against each other, batch by batch and method by method, where both runs computed the \
            same: same seed, size and draw, or the same images, by a method of the same label. Then it names what changed: files, and what \
            nodes tell of their machines and engines. It works from stores alone.

            Example: mae-coord compare night-1 night-2 --store mae-store

            Exit codes: 0 the same (or within the tolerance, where the numeric class changed), 1 different, or a node gave other bits than \
            itself, 3 nothing in common.
            """)

    @Argument(
        help: ArgumentHelp("The earlier run, as mae-coord runs lists it.", valueName: "earlier"),
        completion: .earlierRuns)
    var earlier: String

    @Argument(
        help: ArgumentHelp("The later run; the one worked on last when left out.", valueName: "later"),
        completion: .runs)
    var later: String?

    @OptionGroup var options: StoreOption

    @Option(
        help: ArgumentHelp("The store of the earlier run, where it is another.", valueName: "dir"),
        completion: .directory)
    var earlierStore: String?

    @Option(
        help: ArgumentHelp("Write what was found for programs; its fields are stable.", valueName: "file"),
        completion: .file(extensions: ["json"]))
    var json: String?

    func run() throws {
        let store = try Store(directory: options.store, access: .reading)
        let other = try earlierStore.map { try Store(directory: $0, access: .reading) } ?? store
        try InputProtection(inputs: store.ownFiles + (earlierStore == nil ? [] : other.ownFiles)).check([
            ("--json", json)
        ])
        if let json { try OutputFile(json).probe() }
        let later = try later ?? store.requireLatestRun()
        // Set against itself, any run would agree.
        guard self.later != nil || earlierStore != nil || later != earlier else {
            throw ValidationError(
                "\(earlier) is the run worked on last: name an earlier one, or both: mae-coord compare EARLIER \(earlier)"
            )
        }
        let runs = try compared(later, store, other)
        if let json { try OutputFile(json).write(JSONRunComparison.render(runs)) }
        try StandardOutput.write(RunComparisonText.render(runs, style: .ofStandardOutput))
        switch runs.outcome {
        case .same, .withinTolerance: break
        case .different, .nodesChanged: throw ExitCode(CommandExit.disagreement)
        case .nothingInCommon: throw ExitCode(Verdict.Outcome.nothingCompared.exitCode)
        }
    }

    /// Both runs side by side: from their judgements, or where these only count some of the results, from all of them.
    private func compared(_ later: String, _ store: Store, _ other: Store) throws -> RunComparison {
        let before = try other.judgement(of: earlier).verification.comparison
        let now = try store.judgement(of: later).verification.comparison
        guard before.isCounted || now.isCounted else { return RunComparison(before, now) }
        // A store reads one run at a time.
        let source = other === store ? try Store(directory: options.store, access: .reading) : other
        return try RunComparison(before, now) { take in
            try store.eachSharedBatch(of: later, and: earlier, in: source) { take($0, $1) }
        }
    }
}
