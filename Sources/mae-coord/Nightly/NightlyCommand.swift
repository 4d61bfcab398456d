import ArgumentParser
import Foundation
import MAECommand
import MAENight
import MAEText

/// `mae-coord nightly`: one night, as its plan says.
struct NightlyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "nightly",
        abstract: "Do what the plan of a night says: one run of verify, carried on by itself after a crash.",
        discussion: """
            The plan is a file in YAML that says what verify is to do; --example prints one with every key explained, and --check \
            says what is wrong with yours. Runs are called NAME-YYYY-MM-DD. When the night is started again on the same day, a run that was \
            cut off before its verdict is carried on; else the next one begins, NAME-YYYY-MM-DD-2. Every flag of verify may be given too, \
            and goes before the plan: --batches 5.

            Keys of a plan: \(NightSetting.all.map(\.key).joined(separator: ", ")).

            Example: mae-coord nightly --example > night.yaml, then after editing it mae-coord nightly --plan night.yaml --check

            Exit codes are those of the verdict: 0 everything agrees, 1 disagreement, 2 incomplete, 3 nothing was compared. A plan with \
            mistakes ends with 65, a store that another night is using with 69.
            """)

    @Option(
        help: ArgumentHelp("The plan, a file in YAML.", valueName: "file"),
        completion: .file(extensions: ["yaml", "yml"]))
    var plan: String?

    @Flag(help: "Check the plan and everything that it names, say what would be run, and run nothing.")
    var check = false

    @Flag(help: "Print a plan with every key explained.")
    var example = false

    @Option(help: ArgumentHelp("Name of the plan, in place of its own.", valueName: "name"))
    var name: String?

    @Option(
        help: ArgumentHelp("Keep so many runs of this plan, and remove older ones afterwards.", valueName: "n"))
    var keep: Int?

    @Option(
        help: ArgumentHelp("Write the pages of mae-coord history into this folder afterwards.", valueName: "dir"),
        completion: .directory)
    var history: String?

    @Argument(
        parsing: .allUnrecognized,
        help: ArgumentHelp("Flags of verify, which go before what the plan says.", valueName: "flags"))
    var flags: [String] = []

    func run() throws {
        if example { return try StandardOutput.write(NightSetting.exampleText) }
        guard let plan else {
            throw ValidationError("--plan FILE: name the plan of the night; mae-coord nightly --example prints one.")
        }
        if let flag = flags.first(where: { ["--run", "--resume"].contains($0.prefix { $0 != "=" }) }) {
            throw ValidationError("\(flag): a night names its run itself, and carries on what was cut off.")
        }
        if let keep, keep < 1 { throw ValidationError("--keep \(keep): from 1 on.") }
        let written = try NightPlan(reading: plan)
        let night = Night(
            plan: written, runs: NightRuns(of: name ?? written.name), keep: keep ?? written.keep,
            history: history ?? written.history, flags: flags,
            date: NightDate(at: Date().timeIntervalSince1970))
        if check { try NightCheck(night: night).run() } else { try night.run() }
    }
}
