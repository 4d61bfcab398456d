import MAEVerify

/// The files that lay at a path when a run began, in a document.
struct StoredFiles: Codable, Hashable {
    struct File: Codable, Hashable {
        var name: String
        var size: Int
        var digest: StoredDigest
        var modified: Double?
    }

    var role: StoredWord<CheckpointFiles.Role>
    var path: String
    var digest: StoredDigest
    var files: [File]

    init(_ files: CheckpointFiles) {
        (role, path, digest) = (StoredWord(files.role), files.path, StoredDigest(files.digest))
        self.files = files.files.map {
            File(name: $0.name, size: $0.size, digest: StoredDigest($0.digest), modified: $0.modified)
        }
    }

    /// The files as they were.
    var checkpointFiles: CheckpointFiles {
        CheckpointFiles(
            role.value, path: path, digest: digest.digest,
            files: files.map {
                CheckpointFiles.File(name: $0.name, size: $0.size, digest: $0.digest.digest, modified: $0.modified)
            })
    }
}
