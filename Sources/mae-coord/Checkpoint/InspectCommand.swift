import ArgumentParser
import MAECommand
import MAECheckpoint

/// `mae-coord checkpoint inspect`: everything that can be said about one checkpoint.
struct InspectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract: "Say what a checkpoint holds, where its configuration comes from, and what is odd about it.",
        discussion: """
            Prints the container, how parameters are named and stored, every configuration value with its origin (a \
            question mark where nothing backs the value), the files, the models in a file that holds several, and findings such as a file of the same name that \
            holds something else. weights_sha256 is equal for equal weights, whatever the form they are kept in.

            Example: mae-coord checkpoint inspect vit_mae_from_hugging_face.pth
            """)

    @Argument(
        help: ArgumentHelp(
            "Hub directory, pickled model, state dict, Lightning checkpoint or safetensors file; or a model in the local "
                + "hub cache, such as facebook/vit-mae-base."), completion: .file())
    var path: String

    @OptionGroup var choice: WeightsOption

    @Option(
        help: ArgumentHelp(
            "Load it this way: pretrained, full, state-dict, or automatic, which goes by the content.",
            valueName: "method"))
    var method: LoadingChoice = .automatic

    @Option(
        help: ArgumentHelp(
            "A config.json, or a directory with one, that goes before the checkpoint's own.", valueName: "path"),
        completion: .file(extensions: ["json"]))
    var config: String?

    @Flag(help: "Print JSON; fields are added, never renamed.")
    var json = false

    func validate() throws { try choice.check(path) }

    func run() throws {
        let reference = CheckpointReference(path, weights: choice.weights)
        let inspection = try ProgressLine.during("reading \(reference)") {
            try CheckpointInspection(
                ModelCheckpoint.open(
                    reference.path, weights: reference.weights, method: method, configuration: config))
        }
        try StandardOutput.write(json ? inspection.json.indentedText : inspection.text)
    }
}
