import ArgumentParser

/// The options that name a model.
struct CheckpointOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Hub directory, pickled model, state dict, Lightning checkpoint or safetensors file, told apart by content; or "
                + "a model in the local hub cache, such as facebook/vit-mae-base.",
            valueName: "path"))
    var model: String

    @Option(
        help: ArgumentHelp(
            "A config.json, or a directory with one, for files that carry no configuration.", valueName: "path"))
    var config: String?
}
