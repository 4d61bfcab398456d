import ArgumentParser
import Foundation
import MAECheckpoint
import MAEContent
import MAECommand

/// `mae-bench fetch`: how fast a checkpoint comes to several workers that do not have it.
struct FetchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fetch",
        abstract: "Times a checkpoint's way from a coordinator to several workers over loopback, next to a copy by cp.",
        discussion: """
            Coordinator and workers are processes of their own with the sockets, caches and checks of a run; nothing is \
            loaded or computed. Workers fetch at the same instant: each into a cache of its own, as nodes on several \
            machines do, and all into one, as workers of one machine do, where one fetches and the others wait. Rates count \
            the bytes that all workers have in the end. Everything lies in the folder for temporary files, in the page cache.

            Example: mae-bench fetch --preset base --workers 4 --repeat 5
            """)

    @Option(help: "Size of a model with seeded random weights: tiny, base, large or huge.")
    var preset = ViTMAEConfiguration.Preset.base
    @Option(
        help: ArgumentHelp("A hub directory or checkpoint file, instead of random weights.", valueName: "path"),
        completion: .file())
    var model: String?
    @Option(help: "Number of workers.")
    var workers = 4
    @Option(help: "Number of times that each way is timed, in turns.")
    var `repeat` = 5
    @Flag(help: "Print JSON.")
    var json = false

    func validate() throws {
        guard (1...64).contains(workers) else { throw ValidationError("--workers takes a number from 1 to 64") }
        guard (1...1000).contains(`repeat`) else { throw ValidationError("--repeat takes a number from 1 to 1000") }
    }

    func run() throws {
        let forms = try CheckpointForms()
        let source = if let model { model } else { try forms.draw(preset) }
        let rounds = FetchRounds(
            folder: forms.folder, listing: try FileListing(checkpoint: source), workers: workers)
        // A first round fills the page cache and is not counted.
        _ = try (rounds.copy(), rounds.fetch(sharing: false), rounds.fetch(sharing: true))
        var (copies, own, shared) = ([Double](), [FetchRounds.Fetch](), [FetchRounds.Fetch]())
        for _ in 0..<`repeat` {
            copies.append(try rounds.copy())
            own.append(try rounds.fetch(sharing: false))
            shared.append(try rounds.fetch(sharing: true))
        }
        let ownCaches = FetchReport.Way(own, workers: workers, copies: copies)
        let report = FetchReport(
            model: model ?? preset.rawValue, workers: workers, bytes: own[0].bytes, cp_seconds: Spread(copies),
            own_caches: ownCaches, one_cache: FetchReport.Way(shared, workers: workers, copies: copies),
            targets: FetchReport.judged(ownCaches, workers: workers))
        try StandardOutput.writeLine(json ? report.json() : report.text)
    }
}
