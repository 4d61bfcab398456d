import MAEFiles
import MAEFormats

extension HubDirectory {
    /// What makes transformers take an adapter for a part of the model.
    static let adapterSettings = "adapter_config.json"

    /// Says that an adapter is with the weights, which changes them wherever peft is installed.
    static func adapterFinding(in path: String) -> CheckpointFinding? {
        guard FileSystem.isFile(path + "/" + adapterSettings) else { return nil }
        return CheckpointFinding(
            .competingWeights, .warning, at: CheckpointLocation(path: path, place: adapterSettings),
            "is of an adapter, which transformers puts on top of the weights where peft is installed. It was not used: "
                + "merge it with merge_and_unload of peft, or remove it.")
    }
}
