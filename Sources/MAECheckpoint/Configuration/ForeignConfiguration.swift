import MAEFiles
import MAEFormats

/// A `config.json` that says nothing of how a ViT-MAE of transformers is built, because another library wrote it.
struct ForeignConfiguration {
    /// The file.
    let path: String
    /// What it is, such as `a model's configuration for timm (vit_base_patch16_224)`.
    let summary: String
    /// Settings in it that are called as training scripts call theirs.
    let stated: StatedValues

    /// Members by which the files of a library are known, and where it keeps the name of the model.
    private static let libraries: [(library: String, member: String, name: String?)] = [
        ("timm", "pretrained_cfg", "architecture"), ("timm", "architecture", "architecture"),
        ("diffusers", "_diffusers_version", "_class_name"), ("diffusers", "_class_name", "_class_name"),
        ("OpenCLIP", "model_cfg", nil), ("OpenCLIP", "preprocess_cfg", nil), ("Keras", "class_name", "class_name"),
        ("PEFT", "peft_type", "base_model_name_or_path"),
    ]

    /// Arguments of the model in facebookresearch/mae, which no configuration of transformers has.
    private static let arguments = [
        "embed_dim", "depth", "num_heads", "img_size", "in_chans", "decoder_embed_dim", "decoder_depth",
        "decoder_num_heads",
    ]

    /// Recognizes a configuration of something else; nil for one of transformers, whatever its model.
    init?(_ source: ConfigurationSource) {
        guard source["model_type"] == nil, !Self.namesViTMAE(source) else { return nil }
        if let (library, _, name) = Self.libraries.first(where: { source[$0.member] != nil }) {
            let model = name.flatMap { source[$0]?.string }.map { " (\(FolderContents.list([$0])))" }
            summary = "a model's configuration for \(library)" + (model ?? "")
        } else if let argument = Self.arguments.first(where: { source[$0] != nil }) {
            summary = "a list of another program's arguments, such as \(argument)"
        } else if !ConfigurationKey.allCases.contains(where: { source[$0.rawValue] != nil }) {
            summary = source.members.isEmpty ? "an empty object" : "an object without a field of ViTMAEConfig"
        } else {
            return nil
        }
        path = source.path
        stated = StatedValues(in: source.members, of: FileSystem.split(source.path).name)
    }

    /// Whether the classes that transformers lists are those of a ViT-MAE.
    private static func namesViTMAE(_ source: ConfigurationSource) -> Bool {
        source["architectures"]?.array?.contains { $0.string?.hasPrefix("ViTMAE") == true } ?? false
    }

    /// Says that the file was not used, and what was instead.
    func finding(option: ConfigurationSource?) -> CheckpointFinding {
        CheckpointFinding(
            .foreignConfiguration, .warning, at: CheckpointLocation(path: path),
            "is \(summary), no configuration of a ViT-MAE, and was not used; "
                + (option == nil ? "the shapes of the weights decide." : "--config was followed."))
    }

    /// Says that the file cannot be what `--config` names.
    var refusal: CheckpointError {
        CheckpointError(
            .invalidConfiguration, path: path,
            "is \(summary), no configuration of a ViT-MAE. Name a config.json with \"model_type\": "
                + "\"\(ViTMAEConfiguration.modelType)\", or leave --config out: then the shapes of the weights decide.")
    }
}
