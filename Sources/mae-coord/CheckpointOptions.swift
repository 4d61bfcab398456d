import ArgumentParser
import MAECheckpoint

/// The options that name a model.
struct CheckpointOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Hub directory, pickled model, state dict, Lightning checkpoint or safetensors file, told apart by content; or "
                + "a model in the local hub cache, such as facebook/vit-mae-base.",
            valueName: "path"), completion: .file())
    var model: String

    @OptionGroup var choice: WeightsOption

    @Option(
        help: ArgumentHelp(
            "A config.json, or a directory with one, for files that carry no configuration.", valueName: "path"),
        completion: .file(extensions: ["json"]))
    var config: String?

    func validate() throws { try choice.check(model) }

    /// The path, and the key of the model in it.
    var reference: CheckpointReference { CheckpointReference(model, weights: choice.weights) }
}

/// The option that chooses among several models in one file.
struct WeightsOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Key of one of several models in the file, such as ema; FILE#KEY says the same. Without it, the one that "
                + "`checkpoint inspect` marks is taken.", valueName: "key"))
    var weights: String?

    /// Throws when `checkpoint` names another key than the option does.
    func check(_ checkpoint: String) throws {
        guard let weights, let key = CheckpointReference(checkpoint).weights, key != weights else { return }
        throw ValidationError("\(checkpoint) names \(key), and --weights \(weights). Give one of them.")
    }
}
