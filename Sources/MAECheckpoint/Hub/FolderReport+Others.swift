import MAEFiles
import MAEFormats

extension FolderReport {
    /// Hub directories in the folders of this one: a Trainer's checkpoints, or models side by side.
    static func nestedDirectories(_ contents: FolderContents) -> CheckpointError? {
        let whole = contents.newestFirst.filter { HubDirectory.hasWeights(contents.path + "/" + $0) }
        guard let first = whole.first else { return nil }
        let newest = contents.newestFirst.first.flatMap { isTrainingStep($0) && $0 != first ? $0 : nil }
        return CheckpointError(
            .missing, path: contents.path,
            "holds no weights itself; they are in \(FolderContents.list(whole)). Name \(contents.path)/\(first)"
                + (isTrainingStep(first) ? ", the newest with weights" : "")
                + (newest.map { "; \($0) is newer and has none" } ?? "") + ".")
    }

    /// Checkpoints under names that are no hub directory's.
    static func otherCheckpoints(_ contents: FolderContents) -> CheckpointError? {
        let names = contents.files.filter { isCheckpoint($0) }
        guard let first = names.first else { return nil }
        return CheckpointError(
            .missing, path: contents.path,
            "is no hub directory: none of \(HubDirectory.weightNames.joined(separator: ", ")). It holds "
                + "\(FolderContents.list(names)). Name the file itself, such as \(contents.path)/\(first).")
    }

    /// Anything else: what is there, and what was looked for.
    static func unrecognized(_ contents: FolderContents) -> CheckpointError {
        let there =
            contents.names.isEmpty
            ? "is empty: there is" : "holds \(FolderContents.list(contents.names)), and no weights:"
        let path = FileSystem.realPath(contents.path) ?? contents.path
        let remedy =
            HubName(inPath: path).map { "Fetch the files that lack with `hf download \($0)`." }
            ?? "Name the directory that save_pretrained wrote, or fetch the files that lack."
        return CheckpointError(
            .missing, path: contents.path,
            "\(there) none of \(HubDirectory.weightNames.joined(separator: ", ")). \(remedy)")
    }

    /// Whether a file's name is one that people give to checkpoints, and none of the other state of a training.
    static func isCheckpoint(_ name: String) -> Bool {
        let endings = [".pth", ".pt", ".ckpt", ".cpkt", ".bin", ".safetensors", ".pth.tar"]
        let others = ["training_args", "optimizer", "scheduler", "scaler", "rng_state", "random_states", "sampler"]
        return endings.contains { name.hasSuffix($0) } && !others.contains { name.hasPrefix($0) }
    }

    /// Whether a folder is called as a Trainer calls its checkpoints.
    private static func isTrainingStep(_ name: String) -> Bool {
        name.hasPrefix("checkpoint-") && FolderContents.number(in: name) >= 0
    }
}
