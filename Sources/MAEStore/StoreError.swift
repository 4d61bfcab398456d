/// What went wrong with a store, with the remedy.
public struct StoreError: Error, Sendable, CustomStringConvertible {
    /// Kinds of failure that callers tell apart.
    public enum Code: String, Sendable {
        /// The folder or a file in it cannot be made, read or written.
        case inaccessible
        /// Another process writes to the store.
        case inUse
        /// A newer version of this program made the store.
        case newerVersion
        /// A version before the first release made it; or an older release did, and it was not opened for writing.
        case olderVersion
        /// The file is no store of this program, or it is damaged.
        case damaged
        /// There is no space left.
        case diskFull
        /// No such run.
        case unknownRun
        /// The run is under way, or was cut off before it was judged.
        case notJudged
        /// The run, or the result, is there already.
        case duplicate
        /// A record names a node, shard or lease that was never recorded.
        case unknownReference
    }

    /// The kind of failure.
    public let code: Code
    /// The folder or file concerned.
    public let path: String
    /// What is wrong and what to do about it.
    public let message: String

    init(_ code: Code, path: String, _ message: String) {
        self.code = code
        self.path = path
        self.message = message
    }

    /// `path: message`.
    public var description: String { "\(path): \(message)" }
}
