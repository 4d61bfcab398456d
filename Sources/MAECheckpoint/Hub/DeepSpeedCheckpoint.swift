import MAEFiles
import MAEFormats
import MAEText

/// A folder of DeepSpeed, whose ZeRO spreads the weights over its ranks.
enum DeepSpeedCheckpoint {
    private static let script = "zero_to_fp32.py"
    /// The file that names the folder of the last step.
    private static let latest = "latest"

    /// Says how to join the weights; nil for another folder.
    static func recognize(_ contents: FolderContents) -> CheckpointError? {
        if let error = recognize(step: contents, of: contents.parent) { return error }
        // The steps are folders such as global_step100.
        guard contents.files.contains(script) || contents.files.contains(latest) else { return nil }
        return contents.firstInFolders { recognize(step: $0, of: FileSystem.realPath(contents.path) ?? contents.path) }
    }

    /// Looks for the files of the ranks in `step`, a folder of the checkpoint at `whole`.
    private static func recognize(step: FolderContents, of whole: String) -> CheckpointError? {
        let parts = step.files.filter { $0.contains("zero_pp_rank_") && $0.hasSuffix("_states.pt") }
        guard parts.isEmpty else { return spread(parts, step, whole) }
        let models = step.files.filter { $0.hasPrefix("mp_rank_") && $0.hasSuffix("_model_states.pt") }
        return models.first.map { model in
            CheckpointError(
                .missing, path: step.path,
                "holds a DeepSpeed checkpoint without ZeRO. Name its file with the weights, \(step.path)/\(model), "
                    + "and --config" + (models.count > 1 ? ". There are \(models.count) of them" : "") + ".")
        }
    }

    private static func spread(_ parts: [String], _ step: FolderContents, _ whole: String) -> CheckpointError {
        let program =
            FileSystem.isFile(whole + "/" + script)
            ? "python \(ShellText.word(whole + "/" + script))" : "python -m deepspeed.utils.zero_to_fp32"
        let output = whole + "/fp32"
        let tag = FileSystem.isFile(whole + "/" + latest) ? "" : " -t \(ShellText.word(step.name))"
        return CheckpointError(
            .unsupportedFormat, path: step.path,
            "holds a DeepSpeed checkpoint, whose weights are spread over its ranks (\(FolderContents.list(parts))). "
                + "Join them with \(script): `\(program) \(ShellText.word(whole)) \(ShellText.word(output))\(tag)`. "
                + "Then load what it writes to \(output), with --config for its configuration.")
    }
}
