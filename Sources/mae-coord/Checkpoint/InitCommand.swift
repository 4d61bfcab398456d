import ArgumentParser
import MAECheckpoint
import MAECommand

/// `mae-coord checkpoint init`: a model with weights drawn from a seed.
struct InitCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Make a hub directory with weights drawn from a seed.",
        discussion: """
            The same preset and seed give the same bytes on every machine, so nodes can be compared without sending a \
            checkpoint round. Weights, biases and scales are all drawn: each of them matters to the output.

            Example: mae-coord checkpoint init --preset tiny --seed 7 --output tiny-7
            """)

    @Option(
        help: ArgumentHelp(
            "Size: tiny (98,176 parameters), base (112 million), large (330 million) or huge (657 million).",
            valueName: "name"))
    var preset: ViTMAEConfiguration.Preset

    @Option(
        help: ArgumentHelp("Seed of PyTorch's generator. (default: \(SeedArgument.default))", valueName: "n"),
        transform: SeedArgument.parse)
    var seed: UInt64 = SeedArgument.default

    @Option(
        help: ArgumentHelp("Directory to write; made when it does not exist.", valueName: "dir"), completion: .directory
    )
    var output: String

    @Flag(help: "Replace a model that lies there.")
    var force = false

    func validate() throws {
        try OutputPlace(path: output).check(asDirectory: true, mayReplace: force)
    }

    func run() throws {
        let digest = try ProgressLine.during("writing \(output)") {
            let weights = try ModelWeights(drawing: ViTMAEConfiguration(preset: preset), seed: seed)
            try CheckpointWriter.write(weights, as: .hub, to: output)
            return try ModelCheckpoint.open(output).fingerprints().sha256
        }
        try StandardOutput.writeLine("\(output): \(preset.rawValue), seed \(seed), weights_sha256 \(digest)")
    }
}
