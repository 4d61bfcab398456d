import MAEFormats
import MAEText

/// A folder of torch.distributed.checkpoint: files with the tensors of each rank, and one that says where each is.
enum DistributedCheckpoint {
    /// What the files of the ranks end in.
    static let suffix = ".distcp"
    /// The file that says where each tensor is.
    static let metadataName = ".metadata"

    /// Says how to make one file of it; nil for another folder.
    static func recognize(_ contents: FolderContents) -> CheckpointError? {
        let ranks = contents.files.filter { $0.hasSuffix(suffix) }
        guard !ranks.isEmpty || contents.files == [metadataName] else { return nil }
        let what = "holds a distributed checkpoint of PyTorch"
        guard contents.files.contains(metadataName), !ranks.isEmpty else {
            let lacking = ranks.isEmpty ? "the files *\(suffix)" : metadataName
            return CheckpointError(
                .missing, path: contents.path,
                "\(what), without \(lacking). Fetch the whole folder, then make one file of it with dcp_to_torch_save.")
        }
        let output = contents.sibling(".pth")
        let command =
            "python -m torch.distributed.checkpoint.format_utils dcp_to_torch "
            + "\(ShellText.word(contents.path)) \(ShellText.word(output))"
        return CheckpointError(
            .unsupportedFormat, path: contents.path,
            "\(what) (\(FolderContents.list(ranks))). Make one file of it with dcp_to_torch_save: `\(command)`. "
                + "Then load \(output), with --config for its configuration.")
    }
}
