import ArgumentParser
import MAECommand
import MAECheckpoint

/// `mae-coord checkpoint convert`: the same weights in another form.
struct ConvertCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "convert",
        abstract: "Write a checkpoint in another form, with the same weights.",
        discussion: """
            Forms: hub, a directory that transformers 4.57 and 5.23 both read whole; full, as torch.save(model) writes it; \
            state-dict, as torch.save(model.state_dict()) writes it, or safetensors when the name ends so; lightning, a Lightning checkpoint with its \
            configuration inside. Weights are written as fp32. A state dict holds no configuration: keep the one it \
            belongs to next to it.

            Example: mae-coord checkpoint convert old.pth vit-mae --to hub --config config.json
            """)

    @Argument(help: ArgumentHelp("The checkpoint to read, in any form.", valueName: "in"), completion: .file())
    var input: String

    @Argument(
        help: ArgumentHelp("The file, or for hub the directory, to write.", valueName: "out"), completion: .file())
    var output: String

    @OptionGroup var choice: WeightsOption

    @Option(help: ArgumentHelp("Form to write: hub, full, state-dict or lightning.", valueName: "form"))
    var to: CheckpointWriter.Form

    @Option(
        help: ArgumentHelp(
            "A config.json, or a directory with one, that goes before the checkpoint's own.", valueName: "path"),
        completion: .file(extensions: ["json"]))
    var config: String?

    @Option(
        help: ArgumentHelp(
            "Release of transformers that full, state-dict and lightning are for: 4 or 5.", valueName: "release"))
    var release: CheckpointWriter.Release = .transformers5

    @Flag(help: "Replace what lies there.")
    var force = false

    func validate() throws {
        try choice.check(input)
        let place = OutputPlace(path: output)
        guard !place.isSame(as: reference.path) else {
            throw ValidationError("\(output) is the checkpoint that is read. Name another path to write to.")
        }
        guard !output.hasSuffix(CheckpointWriter.safetensorsEnding) || to == .stateDict else {
            throw ValidationError("\(output): safetensors hold weights alone; write them with --to state-dict.")
        }
        try place.check(asDirectory: to == .hub, mayReplace: force)
    }

    private var reference: CheckpointReference { CheckpointReference(input, weights: choice.weights) }

    func run() throws {
        let checkpoint = try ProgressLine.during("reading \(reference)") {
            try ModelCheckpoint.open(reference.path, weights: reference.weights, configuration: config)
        }
        for finding in checkpoint.findings where finding.severity >= .warning && finding.code != .limitedReaders {
            ProgressLine().note("\(finding)")
        }
        try OutputPlace(path: output).makeFolders()
        let digest = try ProgressLine.during("writing \(output)") {
            try CheckpointWriter.write(ModelWeights(checkpoint), as: to, to: output, release: release)
            return try checkpoint.fingerprints().sha256
        }
        try StandardOutput.writeLine("\(output): \(to.rawValue), weights_sha256 \(digest)")
    }
}
