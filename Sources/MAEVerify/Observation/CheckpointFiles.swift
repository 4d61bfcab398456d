import MAEFiles
import MAETensor

/// The files that lay at a path when a run began: what every node is to run, whatever lies at that path elsewhere.
public struct CheckpointFiles: Sendable, Hashable {
    /// One file.
    public struct File: Sendable, Hashable {
        /// Name without its folder.
        public var name: String
        /// Size in bytes.
        public var size: Int
        /// Digest of its content: SHA-256 of the SHA-256s of its parts of 1 MiB, joined.
        public var digest: SHA256Digest
        /// When it was last written, in seconds since 1970; nil in runs of older versions.
        public var modified: Double?

        /// Describes a file.
        public init(name: String, size: Int, digest: SHA256Digest, modified: Double? = nil) {
            self.name = name
            self.size = size
            self.digest = digest
            self.modified = modified
        }
    }

    /// What files at a path are for.
    public enum Role: String, Sendable, Hashable, CaseIterable {
        /// Weights, and what lies with them.
        case checkpoint
        /// The configuration given with `--config`.
        case configuration
        /// The images that nodes compute on: those given with `--images`, or what was made of these.
        case images
        /// The files given with `--images`, where images were made of them.
        case pictures
        /// The noise given with `--noise file=`.
        case noise
    }

    /// What the files are for: one folder may be both.
    public var role: Role
    /// The file or folder, as it was named for the run.
    public var path: String
    /// Digest of the whole list.
    public var digest: SHA256Digest
    /// The files, by name.
    public var files: [File]

    /// Describes what lies at `path`.
    public init(_ role: Role, path: String, digest: SHA256Digest, files: [File]) {
        self.role = role
        self.path = path
        self.digest = digest
        self.files = files
    }
}
