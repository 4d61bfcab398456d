/// What went wrong with a tensor file, with the place and the remedy.
public struct TensorError: Error, Sendable, CustomStringConvertible {
    /// Kinds of failure that callers tell apart.
    public enum Code: String, Sendable {
        case unreadableFile, unwritableFile, malformedFile, unsupportedDType
    }

    /// The kind of failure.
    public let code: Code
    /// The file concerned.
    public let path: String
    /// What is wrong and what to do about it.
    public let message: String

    /// Describes a failure concerning `path`.
    public init(_ code: Code, path: String, _ message: String) {
        self.code = code
        self.path = path
        self.message = message
    }

    /// `path: message`.
    public var description: String { "\(path): \(message)" }
}
