import MAEFiles
import MAEFormats

/// Says what a folder holds that has no weights under the names of a hub directory, and how a checkpoint comes of it.
struct FolderReport {
    /// Recognizes one kind of folder; nil for any other.
    private typealias Recognizer = @Sendable (FolderContents) -> CheckpointError?

    private let contents: FolderContents

    /// Looks at the folder at `path`.
    init(_ path: String) { contents = FolderContents(path) }

    /// What a folder is by itself, the surest first.
    private static let kinds: [Recognizer] = [
        danglingWeights, UnpackedArchive.recognize, DistributedCheckpoint.recognize, DeepSpeedCheckpoint.recognize,
        shardsWithoutIndex, variants, adapter,
    ]

    /// Why the folder cannot be loaded.
    var error: CheckpointError {
        guard FileSystem.isOpen(contents.path) else {
            return CheckpointError(
                .unreadableFile, path: contents.path, "cannot be listed. Give this user the right to read the folder.")
        }
        return Self.kind(of: contents) ?? Self.nestedDirectories(contents) ?? contents.firstInFolders(Self.kind)
            ?? Self.otherCheckpoints(contents) ?? Self.unrecognized(contents)
    }

    private static func kind(of contents: FolderContents) -> CheckpointError? {
        kinds.lazy.compactMap { $0(contents) }.first
    }

    /// Why a file cannot be loaded that is only a part of the checkpoint in its folder; nil for any other file.
    static func refusal(ofPart path: String) -> CheckpointError? {
        let (folder, name) = FileSystem.split(path)
        let recognize: Recognizer
        if name == UnpackedArchive.pickleName {
            recognize = UnpackedArchive.recognize
        } else if name == DistributedCheckpoint.metadataName || name.hasSuffix(DistributedCheckpoint.suffix) {
            recognize = DistributedCheckpoint.recognize
        } else {
            return nil
        }
        return recognize(FolderContents(folder)).map {
            CheckpointError($0.code, path: path, "is a part of its folder, which \($0.message)")
        }
    }
}
