import ArgumentParser
import Foundation
import MAECheckpoint
import MAECommand
import MAEModel

/// `mae-bench regression`: whether a build is slower than another one.
struct RegressionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "regression",
        abstract: "Sets a build against an older one: passes in turns, or instructions.",
        discussion: """
            OLD and NEW are mae-bench of the two builds; NEW is this one when left out. Both run at once, and one pass at a time, in \
            turns: what disturbs the machine disturbs both. With base, the default, that takes a minute or two. Where that is too noisy, --instructions counts what a pass of the tiny model \
            carries out (with Valgrind, which knows no AVX-512): the same number each time, if not the time itself. The larger of the ratios \
            above --limit ends the program with code 1.

            Example: mae-bench regression ../before/.build/release/mae-bench --preset base --batch-size 1 --mask-ratio 0.75
            """)

    @Argument(help: "mae-bench of the older build.", completion: .file())
    var old: String
    @Argument(help: "mae-bench of the newer build.", completion: .file())
    var new: String?
    @Option(help: "Size of the model: tiny, base, large or huge.")
    var preset = ViTMAEConfiguration.Preset.base
    @OptionGroup var batch: BatchArguments
    @OptionGroup var cpu: CPUArguments
    @Option(help: ArgumentHelp("Passes of each build and kind.", valueName: "n"))
    var turns = 7
    @Flag(help: "Leave the decoder out.")
    var encoderOnly = false
    @Flag(help: "Count instructions instead of taking times.")
    var instructions = false
    @Option(help: ArgumentHelp("The largest ratio of new to old that is no regression.", valueName: "limit"))
    var limit = 1.05
    @Flag(help: "Print JSON.")
    var json = false

    func validate() throws {
        guard (1...10_000).contains(turns) else { throw ValidationError("--turns \(turns): from 1 to 10000.") }
        guard limit > 0, limit <= 100 else { throw ValidationError("--limit \(limit): above 0, and at most 100.") }
    }

    func run() throws {
        let newer = try new ?? ChildProcess.path(of: "mae-bench")
        let entries = try instructions ? counted(old, newer) : timed(old, newer)
        let report = RegressionReport(old: old, new: newer, limit: limit, entries: entries)
        try StandardOutput.writeLine(json ? report.json() : report.text)
        if let worst = report.regressions.max(by: { $0.ratio < $1.ratio }) {
            throw WrongResult(
                "\(worst.name): \(worst.ratio.formatted(decimals: 3)) times the older build's, above the limit of "
                    + limit.formatted(decimals: 2))
        }
    }

    private func counted(_ old: String, _ new: String) throws -> [RegressionReport.Entry] {
        let scratch = try ScratchFolder()
        let before = try InstructionCount.ofPass(old, folder: scratch.path)
        let now = try InstructionCount.ofPass(new, folder: scratch.path)
        return [.init("instructions of a pass", oldInstructions: before, newInstructions: now)]
    }

    private func timed(_ old: String, _ new: String) throws -> [RegressionReport.Entry] {
        let options =
            ["--preset", preset.rawValue, "--batch-size", "\(batch.batchSize)", "--mask-ratio", "\(batch.maskRatio)"]
            + ["--isa", cpu.isa] + (cpu.threads.map { ["--threads", "\($0)"] } ?? []) + (cpu.pin ? ["--pin"] : [])
            + (encoderOnly ? ["--encoder-only"] : [])
        let builds = [try TurnsProcess(old, options), try TurnsProcess(new, options)]
        return try (encoderOnly ? ["encoder"] : ["encoder", "full"]).map { kind in
            var seconds: [[Double]] = [[], []]
            for turn in 0..<turns {
                // Each goes first as often as the other.
                for build in turn.isMultiple(of: 2) ? [0, 1] : [1, 0] {
                    seconds[build].append(try builds[build].pass(kind))
                }
            }
            return .init(kind == "full" ? "encoder and decoder" : kind, old: seconds[0], new: seconds[1])
        }
    }
}
