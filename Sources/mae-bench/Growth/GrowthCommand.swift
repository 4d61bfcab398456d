import ArgumentParser
import Foundation
import MAECPU
import MAECheckpoint
import MAECommand
import MAEModel

/// `mae-bench growth`: how time and memory grow with images, with the model and with threads.
struct GrowthCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "growth",
        abstract: "Measures how time and memory grow with the batch, the model and the threads.",
        discussion: """
            Each size is measured by a process of its own (mae-bench model --encoder-only), so that its memory is its own. For each of \
            the three, the power is fitted with which the least time grows: 1 is proportional, and −1 is what threads can give at best. \
            Threads end with the processors that there are, and sizes with the memory. What more threads would give is simulated: the pieces \
            of a pass are timed on one thread and dealt out as threads take them.

            Example: mae-bench growth --most-images 64 --plot growth.svg
            """)

    @Option(help: ArgumentHelp("Batches of 1, 2, 4 and so on up to so many images.", valueName: "n"))
    var mostImages = 64
    @Option(
        help: ArgumentHelp(
            "Models, the first of which the batches and threads are measured with.", valueName: "presets"),
        completion: .list(ViTMAEConfiguration.Preset.allCases.map(\.rawValue)))
    var presets = "base,large,huge"
    @Option(help: "Share of patches left out, 0 ..< 1.")
    var maskRatio = 0.75
    @OptionGroup var cpu: CPUArguments
    @Option(help: "Number of timed passes of each size.")
    var `repeat` = 5
    @Option(help: ArgumentHelp("Threads up to which a pass is simulated; 1 for none.", valueName: "n"))
    var simulatedThreads = 8
    @Option(
        help: ArgumentHelp("Draw the times here, on logarithmic axes.", valueName: "file.svg"),
        completion: .file(extensions: ["svg"]))
    var plot: String?
    @Flag(help: "Print JSON.")
    var json = false

    private var models: [ViTMAEConfiguration.Preset] {
        presets.split(separator: ",").compactMap { ViTMAEConfiguration.Preset(rawValue: String($0)) }
    }

    func validate() throws {
        guard (1...1024).contains(mostImages) else {
            throw ValidationError("--most-images \(mostImages): from 1 to 1024.")
        }
        guard !models.isEmpty, models.count == presets.split(separator: ",").count else {
            throw ValidationError(
                "--presets \(presets): names of tiny, base, large and huge, with commas between them.")
        }
        guard (1...1024).contains(simulatedThreads) else {
            throw ValidationError("--simulated-threads \(simulatedThreads): from 1 to 1024.")
        }
        guard (0..<1).contains(maskRatio) else { throw ValidationError("--mask-ratio lies in 0 ..< 1") }
        guard (1...10_000).contains(`repeat`) else { throw ValidationError("--repeat takes a number from 1 to 10000") }
    }

    func run() throws {
        let drawing = plot.map { OutputFile($0) }
        try drawing?.probe()
        let scratch = try ScratchFolder()
        let folder = try scratch.folder("growth")
        let threads = cpu.threads ?? Processor.allowedCount
        var latest: Measured?
        func point(
            _ name: String, _ amount: Double, images: Int, _ preset: ViTMAEConfiguration.Preset, threads: Int
        ) throws -> GrowthReport.Point {
            let words =
                ["model", "--encoder-only", "--json", "--preset", preset.rawValue, "--batch-size", "\(images)"]
                + ["--mask-ratio", "\(maskRatio)", "--repeat", "\(`repeat`)", "--threads", "\(threads)"]
                + ["--isa", cpu.isa] + (cpu.pin ? ["--pin"] : [])
            let child = try ChildProcess(try ChildProcess.path(of: "mae-bench"), words, folder: folder)
            let measured = try JSONDecoder().decode(Measured.self, from: child.output)
            latest = measured
            return GrowthReport.Point(
                name: name, amount: amount, seconds: measured.encoder_seconds, peak_mebibytes: child.peakMemory,
                share_of_peak: measured.encoder_share_of_peak)
        }
        let batches = sequence(first: 1, next: { $0 * 2 }).prefix { $0 <= mostImages }
        var series = [
            GrowthReport.Series(
                "images (\(models[0].rawValue))",
                try batches.map { try point("batch \($0)", Double($0), images: $0, models[0], threads: threads) })
        ]
        if models.count > 1 {
            var points: [GrowthReport.Point] = []
            for preset in models {
                let layout = ParameterLayout(ViTMAEConfiguration(preset: preset))
                let parameters = layout.parameters.reduce(0) { $0 + ($1.part == .encoder ? $1.count : 0) }
                do {
                    points.append(
                        try point(preset.rawValue, Double(parameters), images: 1, preset, threads: threads))
                } catch let failure as ChildFailure where failure.exitCode == 69 && !points.isEmpty {
                    StandardError.complain("mae-bench", "\(preset.rawValue) is left out: \(failure.description)")
                }
            }
            series.append(GrowthReport.Series("parameters", points))
        }
        if threads > 1 {
            series.append(
                GrowthReport.Series(
                    "threads (\(models[0].rawValue))",
                    try (1...threads).map { count in
                        try point(
                            "\(count) thread\(count == 1 ? "" : "s")", Double(count), images: 8, models[0],
                            threads: count)
                    }))
        }
        if simulatedThreads > 1 {
            series.append(
                GrowthReport.Series(
                    "threads (\(models[0].rawValue)), simulated",
                    try (1...simulatedThreads).map { try simulated($0, folder: folder) }, isSimulated: true))
        }
        guard let latest else { return }
        let report = GrowthReport(
            mask_ratio: maskRatio, isa: latest.isa, threads: threads, device: latest.device, series: series)
        try drawing?.write(report.drawing)
        try StandardOutput.writeLine(json ? report.json() : report.text)
    }

    /// The point of so many threads, whatever the processors.
    private func simulated(_ threads: Int, folder: String) throws -> GrowthReport.Point {
        let words =
            ["simulate-once", "--preset", models[0].rawValue, "--batch-size", "8", "--mask-ratio", "\(maskRatio)"]
            + ["--isa", cpu.isa, "--threads", "\(threads)", "--repeat", "\(`repeat`)"]
        let child = try ChildProcess(try ChildProcess.path(of: "mae-bench"), words, folder: folder)
        let simulation = try JSONDecoder().decode(ThreadSimulation.self, from: child.output)
        return GrowthReport.Point(
            name: "\(threads) thread\(threads == 1 ? "" : "s")", amount: Double(threads),
            seconds: simulation.encoder_seconds, peak_mebibytes: nil,
            share_of_peak: simulation.encoder_share_of_peak)
    }

    /// What is read of a report of `mae-bench model`.
    private struct Measured: Decodable {
        let isa: String
        let device: String
        let encoder_seconds: Spread
        let encoder_share_of_peak: Double
    }
}
