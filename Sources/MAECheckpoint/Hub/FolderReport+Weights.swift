import MAEFormats
import MAEText

extension FolderReport {
    /// Weights that are links to something that is not there.
    static func danglingWeights(_ contents: FolderContents) -> CheckpointError? {
        // The names of a hub directory first, in the order in which they are looked for.
        let usual = HubDirectory.weightNames.first { contents.danglingLinks.contains($0) }
        let others = contents.files.contains { isCheckpoint($0) } ? [] : contents.danglingLinks.filter(isCheckpoint)
        guard let name = usual ?? others.first else { return nil }
        let path = contents.path + "/" + name
        return DanglingLink(onTheWayTo: path)?.error(reading: path)
    }

    /// Shards whose index is not there.
    static func shardsWithoutIndex(_ contents: FolderContents) -> CheckpointError? {
        let shards = contents.files.compactMap { WeightName($0) }.filter { $0.shard != nil && $0.variant == nil }
        guard let first = shards.first, let count = first.shard?.count else { return nil }
        let alike = shards.filter { $0.plain == first.plain && $0.shard?.count == count }
        let lack = count - alike.count
        let what = "holds \(alike.count) of \(count) shards of weights (\(FolderContents.list(alike.map(\.text)))) and "
        guard count > 1 else {
            return CheckpointError(
                .missing, path: contents.path,
                what + "no \(first.index). Fetch it, or name the file \(contents.path)/\(first.text)"
                    + "\(withConfiguration(contents)).")
        }
        return CheckpointError(
            .missing, path: contents.path,
            what + "no \(first.index), which says what is in which of them. Fetch it"
                + (lack > 0 ? " and the shards that lack," : "")
                + " from where the shards come from, or save the model again.")
    }

    /// Weights of a variant, which transformers loads only when it is asked for.
    static func variants(_ contents: FolderContents) -> CheckpointError? {
        let files = contents.files.compactMap { WeightName($0) }.filter { $0.variant != nil }
        guard let first = files.first, let variant = first.variant else { return nil }
        let what =
            "holds weights of a variant alone (\(FolderContents.list(files.map(\.text)))), which transformers loads "
            + "with variant='\(variant)'. "
        guard first.shard != nil else {
            return CheckpointError(
                .missing, path: contents.path,
                what + "Name the file \(contents.path)/\(first.text)\(withConfiguration(contents)).")
        }
        guard contents.files.contains(first.variantIndex) else {
            return CheckpointError(
                .missing, path: contents.path, what + "Fetch their index \(first.variantIndex).")
        }
        return CheckpointError(
            .missing, path: contents.path,
            what + "Give their index the usual name: `cd \(ShellText.word(contents.path)) && "
                + "cp \(ShellText.word(first.variantIndex)) \(first.index)`.")
    }

    /// The part of a command that names the configuration, where the folder has one.
    private static func withConfiguration(_ contents: FolderContents) -> String {
        contents.files.contains(HubDirectory.configurationName) ? " with --config \(contents.path)" : " with --config"
    }

    /// An adapter without its model.
    static func adapter(_ contents: FolderContents) -> CheckpointError? {
        let weights = contents.files.filter { $0 == "adapter_model.safetensors" || $0 == "adapter_model.bin" }
        let settings = HubDirectory.adapterSettings
        guard !weights.isEmpty || contents.files.contains(settings) else { return nil }
        let document = try? JSONFile.read(contents.path + "/" + settings, maximumSize: 1 << 20)
        let base = document?["base_model_name_or_path"]?.string.map { FolderContents.list([$0]) }
        let files = weights + contents.files.filter { $0 == settings }
        return CheckpointError(
            .unsupportedFormat, path: contents.path,
            "holds an adapter of \(base ?? "a model that it does not name") (\(FolderContents.list(files))), "
                + "without the weights of the model. Merge it in Python with peft: "
                + "`PeftModel.from_pretrained(model, '\(contents.path)').merge_and_unload().save_pretrained(OUT)`. "
                + "Then load OUT.")
    }
}
