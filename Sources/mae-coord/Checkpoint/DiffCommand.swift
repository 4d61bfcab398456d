import ArgumentParser
import MAECheckpoint
import MAECommand
import MAEFormats

/// `mae-coord checkpoint diff`: what differs between two checkpoints.
struct DiffCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff",
        abstract: "Compare two checkpoints, parameter by parameter and bit by bit.",
        discussion: """
            Whatever the forms and names they are kept in. Weights are compared as fp32. Exit codes: 0 equal, 1 different, \
            65 when one of them cannot be read. FILE#KEY names one of several models in a file.

            Example: mae-coord checkpoint diff vit_mae_from_hugging_face.pth vit_mae_from_hugging_face.cpkt
            """)

    @Argument(help: ArgumentHelp("One checkpoint.", valueName: "a"), completion: .file())
    var first: String

    @Argument(help: ArgumentHelp("The other checkpoint.", valueName: "b"), completion: .file())
    var second: String

    @Option(
        help: ArgumentHelp(
            "A config.json, or a directory with one, for whichever of the two carries no configuration.",
            valueName: "path"), completion: .file(extensions: ["json"]))
    var config: String?

    @Flag(help: "Compare weights alone, not configurations.")
    var weightsOnly = false

    @Flag(help: "Print JSON; fields are added, never renamed.")
    var json = false

    func run() throws {
        let comparison = try ProgressLine.during("comparing \(first) and \(second)") {
            try CheckpointComparison(open(first), open(second), weightsOnly: weightsOnly)
        }
        try StandardOutput.write(json ? comparison.json.indentedText : comparison.text)
        guard comparison.isEqual else { throw ExitCode(CommandExit.disagreement) }
    }

    /// Opens one of the two, with `--config` only where the checkpoint has no configuration of its own.
    private func open(_ text: String) throws -> ModelCheckpoint {
        let checkpoint = try ModelCheckpoint.openUnverified(
            CheckpointReference(text), configurationIfNone: config, comparesNeighbors: false)
        try checkpoint.verifyChecksums()
        return checkpoint
    }
}
