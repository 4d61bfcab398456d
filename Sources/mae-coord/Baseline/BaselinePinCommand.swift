import ArgumentParser
import MAECommand
import MAENight
import MAEStore
import MAEText
import MAEVerify

/// `mae-coord baseline pin`: writes what a run gave.
struct BaselinePinCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pin",
        abstract: "Write the digests that a run gave to a file.",
        discussion: """
            Takes the pinned batches of a run that agrees, by every method: digests of weights, images, noise and kept patches, and the layer \
            norm output by numeric class. Batches of --fresh are left out. The same run gives the same bytes, so what changed between two \
            baselines is what a version control system shows. It works from the store alone.

            Example: mae-coord baseline pin night-2026-11-01 -o baseline.json
            """)

    @Argument(
        help: ArgumentHelp(
            "Name of the run, as mae-coord runs lists it; the one worked on last when left out.", valueName: "run"),
        completion: .runs)
    var givenName: String?

    @OptionGroup var options: StoreOption

    @Option(
        name: .shortAndLong, help: ArgumentHelp("File to write.", valueName: "file"),
        completion: .file(extensions: ["json"]))
    var output: String

    func run() throws {
        let store = try Store(directory: options.store, access: .reading)
        let name = try givenName ?? store.requireLatestRun()
        let plan = try store.run(name).plan
        try InputProtection(inputs: plan.inputs + store.ownFiles).check([("--output", output)])
        let file = OutputFile(output)
        try file.probe()
        let judgement = try store.judgement(of: name)
        let (verification, startedAt) = (judgement.verification, judgement.details.startedAt)
        let baseline =
            try verification.comparison.isCounted
            ? Baseline(verification, startedAt: startedAt) { take in try store.eachResult(of: name) { take($0) } }
            : Baseline(verification, startedAt: startedAt)
        try file.write(BaselineFile.render(baseline))
        let classes = Set(baseline.results.flatMap(\.outputs.keys)).sorted()
        try StandardOutput.writeLine(
            SafeText.terminal(
                "pinned run \(name): \(NumberText.count(baseline.results.count, "result")) "
                    + "(\(NumberText.count(baseline.settings.batches, "batch", "batches")) by "
                    + "\(NumberText.count(baseline.methods.count, "method"))) in \(NumberText.list(classes)), written to \(output)"
            ))
    }
}
