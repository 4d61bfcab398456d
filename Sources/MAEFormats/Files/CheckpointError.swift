/// What went wrong with a checkpoint, with the place in the file and the remedy.
public struct CheckpointError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Kinds of failure that callers tell apart.
    public enum Code: String, Sendable {
        /// The file cannot be opened or read: missing, no permission, a directory.
        case unreadableFile
        /// The file cannot be written: no permission, disk full.
        case unwritableFile
        /// The content is a format that is not read, and is named in the message.
        case unsupportedFormat
        /// The content breaks the rules of its format.
        case malformedFile
        /// A tensor reaches outside its storage, or its dtype, shape or strides cannot be.
        case malformedTensor
        /// Reading on would take more memory or time than the stated budget.
        case overBudget
        /// A tensor, file or key that must be there is not.
        case missing
        /// Two parts of the checkpoint contradict each other.
        case contradiction
        /// A configuration value cannot be used.
        case invalidConfiguration
    }

    /// The kind of failure.
    public let code: Code
    /// The file or folder concerned.
    public let path: String
    /// The place inside the file, such as `record archive/data/3` or `byte 1042`; nil when it is the whole file.
    public let place: String?
    /// What is wrong and what to do about it.
    public let message: String

    /// Describes a failure concerning `path`.
    public init(_ code: Code, path: String, place: String? = nil, _ message: String) {
        self.code = code
        self.path = path
        self.place = place
        self.message = message
    }

    /// Describes a failure at a place of a file.
    public init(_ code: Code, at location: CheckpointLocation, _ message: String) {
        self.init(code, path: location.path, place: location.place, message)
    }

    /// `path: place: message`.
    public var description: String {
        [path, place, message].compactMap { $0 }.joined(separator: ": ")
    }
}

/// A place in a checkpoint, for messages: the file, and the record or byte inside it.
public struct CheckpointLocation: Sendable, Hashable, CustomStringConvertible {
    /// The file.
    public let path: String
    /// The place inside the file, such as `record archive/data/3` or `byte 1042`; nil when it is the whole file.
    public let place: String?

    /// Names a place of the file at `path`.
    public init(path: String, place: String? = nil) {
        self.path = path
        self.place = place
    }

    /// `path: place`.
    public var description: String { [path, place].compactMap { $0 }.joined(separator: ": ") }
}
