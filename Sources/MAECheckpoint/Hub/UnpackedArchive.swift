import MAEFiles
import MAEFormats
import MAEText

/// The folder that comes of unpacking a file of torch.save, which is a zip archive.
enum UnpackedArchive {
    /// Name of the pickle in the folder.
    static let pickleName = "data.pkl"
    private static let storages = "data"

    /// Says how to make the file again; nil for another folder.
    static func recognize(_ contents: FolderContents) -> CheckpointError? {
        guard contents.files.contains(pickleName) else { return nil }
        let others = ["version", "byteorder"].filter { contents.files.contains($0) }
        guard contents.folders.contains(storages) || !others.isEmpty else { return nil }
        guard !contents.files.contains("constants.pkl") else {
            return CheckpointError(
                .unsupportedFormat, path: contents.path,
                "is an unpacked TorchScript archive (torch.jit.save), which holds code. Fetch the file again, and save its "
                    + "weights: torch.save(torch.jit.load(FILE).state_dict(), OUTPUT).")
        }
        let parts = ([pickleName, storages + "/"] + others).joined(separator: ", ")
        guard contents.folders.contains(storages) else {
            return CheckpointError(
                .missing, path: contents.path,
                "is a file of torch.save that was unpacked, without the folder \(storages) that holds its tensors. "
                    + "Fetch the file again, and do not unpack it.")
        }
        let file = newName(for: contents)
        let command = [
            "cd \(ShellText.word(contents.parent))",
            "zip -0 -r \(ShellText.word(file)) \(ShellText.word(contents.name))",
        ].joined(separator: " && ")
        return CheckpointError(
            .unsupportedFormat, path: contents.path,
            "is a file of torch.save that was unpacked (\(parts)). Zip it again, without compression: `\(command)`. "
                + "Then load \(contents.parent)/\(file).")
    }

    /// A name that is still free: zip would add to a file that is there.
    private static func newName(for contents: FolderContents) -> String {
        let names = [".pth", "-zipped.pth"].map { contents.name + $0 }
        return names.first { !FileSystem.isThere(contents.parent + "/" + $0) } ?? contents.name + "-zipped-again.pth"
    }
}
