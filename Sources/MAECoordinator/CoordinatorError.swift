/// Why a coordinator cannot work, with the remedy.
public struct CoordinatorError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Kinds of failure that callers tell apart.
    public enum Code: String, Sendable {
        /// The endpoint would let other machines in without keys.
        case openEndpoint
        /// Keys are used, and a key that was never added is accepted all the same.
        case unknownKeyAccepted
        /// The folder of a socket file does not exist.
        case missingFolder
        /// Others could put something into the folder of a socket file, and no keys are used.
        case unguardedFolder
        /// Another coordinator listens at the socket file.
        case endpointInUse
        /// The endpoint file cannot be written.
        case unwritableFile
        /// The plan needs something that was not given.
        case badPlan
        /// A run that is carried on was begun with another checkpoint at the same path.
        case otherCheckpoint
    }

    /// The kind of failure.
    public let code: Code
    /// What is wrong and what to do about it.
    public let message: String

    /// Describes a failure.
    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// The endpoint can be reached from other machines, and no keys are used.
    public init(needsKeys endpoint: String) {
        self.init(
            .openEndpoint,
            "\(endpoint) can be reached from other machines, and anyone there could take part without keys: make them with "
                + "`mae-coord keys init` and `mae-coord keys add NODE`, or leave --bind out for workers of this user and machine"
        )
    }

    /// The message.
    public var description: String { message }
}
