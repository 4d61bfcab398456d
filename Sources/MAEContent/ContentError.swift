import MAEFiles

/// What went wrong with a file that is known by its content, and the remedy.
public struct ContentError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Kinds of failure that callers tell apart.
    public enum Code: String, Sendable {
        /// A file cannot be opened or read.
        case unreadable
        /// A file or folder cannot be written.
        case unwritable
        /// The disk is full.
        case diskFull
        /// The cache's limit leaves no room.
        case cacheFull
        /// A file is another one than it was.
        case changed
        /// A manifest says what cannot be.
        case invalidManifest
    }

    /// The kind of failure.
    public let code: Code
    /// The file or folder concerned.
    public let path: String
    /// What is wrong and what to do about it.
    public let message: String

    /// Describes a failure concerning `path`.
    public init(_ code: Code, path: String, _ message: String) {
        self.code = code
        self.path = path
        self.message = message
    }

    /// The error for a file that is another one than it was.
    init(changedAt path: String) {
        self.init(.changed, path: path, "was written to while it was in use; leave it alone and start again")
    }

    /// Throws an error where this process may not have `count` files more open, as those of `path` take.
    public static func requireRoom(for count: Int, at path: String) throws(ContentError) {
        guard let lack = OpenFiles.makeRoom(for: count) else { return }
        throw ContentError(
            .unreadable, path: path,
            "has \(count) files, each of which takes one that stays open, and this process may have \(lack.limit) open: "
                + "raise that to \(lack.needed) (ulimit -n \(lack.needed), or LimitNOFILE= of a systemd unit), or use fewer files"
        )
    }

    /// The error for a file that could not be used.
    init(_ code: Code, _ error: FileError, _ what: String) {
        if error.isDiskFull {
            self.init(.diskFull, path: error.path, "\(what): \(error.reason); free some space on its disk")
        } else if error.problem == .notRegular {
            self.init(code, path: error.path, "is no regular file; name one")
        } else {
            self.init(code, path: error.path, "\(what): \(error.reason); check the path and its permissions")
        }
    }

    /// `path: message`.
    public var description: String { path.isEmpty ? message : "\(path): \(message)" }
}
