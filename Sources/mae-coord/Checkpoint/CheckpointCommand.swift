import ArgumentParser
import MAECheckpoint

/// `mae-coord checkpoint`: looks at checkpoints and writes them, without running a model.
struct CheckpointCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "checkpoint",
        abstract: "Look into checkpoints, compare them, convert them, make new ones.",
        discussion: """
            Reads hub directories, pickled models, state dicts, Lightning checkpoints and safetensors files, told apart by \
            content. Nothing inside a file is executed.

            Example: mae-coord checkpoint inspect vit-mae-base
            """,
        subcommands: [InspectCommand.self, DiffCommand.self, ConvertCommand.self, InitCommand.self])
}

extension LoadingChoice: ExpressibleByArgument {}
extension CheckpointWriter.Form: ExpressibleByArgument {}
extension CheckpointWriter.Release: ExpressibleByArgument {}
extension ViTMAEConfiguration.Preset: ExpressibleByArgument {}
