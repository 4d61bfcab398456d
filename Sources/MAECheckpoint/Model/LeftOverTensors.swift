import MAEFormats

/// Tensors that take part in what the model computes and that no ViT-MAE has, or that cannot be read.
///
/// Leaving them out would compute another model than PyTorch does, so a checkpoint that has any is refused.
struct LeftOverTensors {
    let naming: ParameterNaming
    let unread: [RawCheckpoint.Unread]
    /// Keys of other dictionaries of the file, which are no models by themselves.
    let elsewhere: [String]
    let path: String

    /// Throws ``CheckpointError/Code/unsupportedFormat``, naming the tensors and what they point to.
    func requireNone() throws(CheckpointError) {
        if let key = naming.leftOver.first {
            let keys = Set(naming.leftOver)
            let architectures = Dictionary(grouping: naming.leftOver) { ForeignArchitecture(of: $0, among: keys) }
            let first = ForeignArchitecture(of: key, among: keys)
            let others = architectures.keys.filter { $0 != first }.sorted { $0.name < $1.name }
            let list = ([first] + others).map { architecture in
                "\(architecture.name): \(ParameterBinding.list(architectures[architecture] ?? []))"
            }
            throw CheckpointError(
                .unsupportedFormat, path: path, place: "tensor \(key)",
                "\(naming.leftOver.count) tensors inside the model are no parameters of a ViT-MAE, and the outputs would "
                    + "be wrong without them. They are \(list.joined(separator: "; ")). \(first.remedy)")
        }
        if let key = naming.continuations(among: elsewhere).first {
            throw CheckpointError(
                .unsupportedFormat, path: path, place: "tensor \(key)",
                "belongs to a block after those of the model, and is in another dictionary of the file: the model is stored "
                    + "in parts. Join them into one state dict under one set of names, and save that.")
        }
        if let key = naming.unreadable.first {
            let tensor = unread.first { $0.key == key }
            let others = naming.unreadable.count - 1
            throw CheckpointError(
                .unsupportedFormat, path: path, place: "tensor \(key)",
                "is stored as \(tensor?.form ?? "something else than a tensor"), which is not read"
                    + (others > 0 ? "; \(others) more are like it" : "") + ". \(tensor?.remedy ?? "")")
        }
    }

    /// Throws ``CheckpointError/Code/contradiction`` for parameters that the configuration, of fewer blocks or without
    /// biases, leaves no place for.
    ///
    /// A hub directory is what its `config.json` says: transformers leaves such tensors out, so they are only reported.
    func requireNone(beyond layout: ParameterLayout, method: LoadingChoice) throws(CheckpointError) {
        let keys = naming.keys(beyond: layout)
        guard method != .pretrained, let key = keys.first else { return }
        throw CheckpointError(
            .contradiction, path: path, place: "tensor \(key)",
            "\(keys.count) tensors belong to more blocks or biases than the configuration has: "
                + "\(ParameterBinding.list(keys)). load_state_dict refuses them too. Name the configuration of this model "
                + "with --config.")
    }
}
