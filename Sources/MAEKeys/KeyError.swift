/// What is wrong with a key file or folder, and what to do about it.
public struct KeyError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Kinds of failure that callers tell apart.
    public enum Code: String, Sendable {
        /// There is no such file or folder.
        case missing
        /// Others than the owner could read or replace it, or the owner is another user.
        case insecure
        /// It does not hold what it must.
        case malformed
        /// The file, the node or the key is there already.
        case exists
        /// The key was revoked.
        case revoked
        /// No node of this name has a key.
        case unknownNode
        /// The system does not let it be written.
        case unwritable
        /// The system does not let it be read just now.
        case unreadable
    }

    /// The kind of failure.
    public let code: Code
    /// The file or folder.
    public let path: String
    /// What is wrong and what to do about it.
    public let message: String

    /// Describes a failure.
    public init(_ code: Code, _ path: String, _ message: String) {
        self.code = code
        self.path = path
        self.message = message
    }

    /// `path: message`.
    public var description: String { "\(path): \(message)" }
}
