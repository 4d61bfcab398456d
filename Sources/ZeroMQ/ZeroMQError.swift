/// What went wrong with a socket, where, and what to do about it.
public struct ZeroMQError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Kinds of failure that callers tell apart.
    public enum Code: String, Sendable {
        /// The endpoint is not written as libzmq wants it, or names a transport that it lacks.
        case badEndpoint
        /// Another socket listens there already.
        case addressInUse
        /// The address belongs to no interface of this machine.
        case addressUnavailable
        /// The operating system does not let this user do it.
        case permissionDenied
        /// The context or the process has no socket, descriptor or memory left.
        case resourcesExhausted
        /// The context was terminated while the call was under way.
        case contextTerminated
        /// A peer's message has more frames or bytes than the socket accepts.
        case messageTooLarge
        /// A ZAP domain is empty or too long.
        case badDomain
        /// The authenticator of a server socket has stopped.
        case authenticatorGone
        /// This libzmq cannot do it.
        case unsupported
        /// Any other failure of libzmq or of the operating system.
        case systemFailure
    }

    /// The kind of failure.
    public let code: Code
    /// The function of libzmq or of the system that failed.
    public let operation: Operation
    /// The endpoint concerned, where there is one.
    public let endpoint: String?
    /// What is wrong and what to do about it.
    public let message: String
    /// Whose message it is about, where a ROUTER knows.
    public internal(set) var sender: Sender?

    /// Who sent a message.
    public struct Sender: Sendable, Equatable {
        /// The ROUTER's name for its connection.
        public let route: [UInt8]
        /// The key, as ``Message/userID`` has it.
        public let userID: [UInt8]
    }

    /// Describes a failure of `operation`.
    public init(_ code: Code, operation: Operation, endpoint: String? = nil, _ message: String) {
        self.code = code
        self.operation = operation
        self.endpoint = endpoint
        self.message = message
    }

    /// `endpoint: message (operation)`.
    public var description: String {
        (endpoint.map { "\($0): " } ?? "") + "\(message) (\(operation.rawValue))"
    }
}
