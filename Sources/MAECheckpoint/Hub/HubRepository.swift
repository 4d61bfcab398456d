import MAEFiles
import MAEFormats

/// One model in a hub cache: the folder `models--owner--name` with its `refs`, `snapshots` and `blobs`.
struct HubRepository {
    /// The files of one commit.
    struct Snapshot {
        let path: String
        let commit: String
        /// Why it was taken, in words.
        let reason: String
    }

    /// The folder.
    let path: String

    /// Names of the folders in it.
    static let parts = ["snapshots", "refs", "blobs"]
    /// Bytes of a reference, which holds one commit in hexadecimal digits.
    private static let maximumReferenceSize = 256

    /// Recognizes the folder of a model by what is in it; nil for another folder.
    init?(at path: String) {
        let there = Self.parts.filter { FileSystem.isDirectory(path + "/" + $0) }
        guard there.first == "snapshots", there.count > 1 else { return nil }
        self.path = path
    }

    /// The model's name on the hub; nil when the folder was renamed.
    var name: HubName? { HubName(folder: FileSystem.split(FileSystem.realPath(path) ?? path).name) }

    /// The snapshot that loading by name takes: that of `refs/main`, or the only one.
    ///
    /// Throws ``CheckpointError/Code/missing`` when it is not there, or nothing says which one it is.
    func snapshot() throws(CheckpointError) -> Snapshot {
        let folder = path + "/snapshots"
        let commits = FileSystem.names(in: folder).filter { FileSystem.isDirectory(folder + "/" + $0) }
        let reference = path + "/refs/main"
        if FileSystem.isFile(reference) {
            let commit = try Self.commit(in: reference)
            guard commits.contains(commit) else { throw missing("commit \(commit) of refs/main", of: commits) }
            return Snapshot(path: folder + "/" + commit, commit: commit, reason: "refs/main")
        }
        guard let commit = commits.first, commits.count == 1 else {
            throw missing("refs/main, which says the snapshot that is meant,", of: commits)
        }
        return Snapshot(path: folder + "/" + commit, commit: commit, reason: "the only snapshot")
    }

    private func missing(_ what: String, of commits: [String]) -> CheckpointError {
        let fetch = "Fetch the model with `hf download \(name?.description ?? "OWNER/NAME")`"
        return CheckpointError(
            .missing, path: path,
            "\(what) is not in this folder of a hub cache. \(fetch)"
                + (commits.first.map { ", or name a snapshot that is here, such as \(path)/snapshots/\($0)" } ?? "")
                + "." + (commits.count > 1 ? " Here are \(FolderContents.list(commits))." : ""))
    }

    private static func commit(in reference: String) throws(CheckpointError) -> String {
        let file = try MappedFile(path: reference)
        let text = file.withUnsafeBytes { bytes in
            // Some tools end the line.
            String(decoding: bytes.prefix(maximumReferenceSize).filter { $0 > 0x20 }, as: UTF8.self)
        }
        guard !text.isEmpty, text.utf8.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit && $0 < 0x80 }) else {
            throw CheckpointError(
                .malformedFile, path: reference,
                "holds no commit in hexadecimal digits. Fetch the model again, or name a folder in snapshots.")
        }
        return text
    }
}
