import MAEDomain

/// Why a message cannot be sent, or why one that arrived is not accepted.
public struct WireError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Kinds of failure that callers tell apart.
    public enum Code: String, Sendable {
        /// The header is no protocol buffer, or has no body.
        case malformed
        /// The peer speaks another version of the protocol.
        case unsupportedVersion
        /// A field that the message needs is absent.
        case missingField
        /// A field has a value that means nothing.
        case invalidField
        /// A field, a list, a frame or the message is larger than ``WireLimits`` allows.
        case limitExceeded
        /// The payload frames are not those that the header announces.
        case payloadMismatch
    }

    /// The kind of failure.
    public let code: Code
    /// The place in the message, such as `hello.name`.
    public let field: String
    /// What is wrong and what to do about it.
    public let message: String
    /// The lease of a job that cannot be read, where that much of it can.
    public internal(set) var lease: Lease?

    /// Describes a failure at `field`.
    public init(_ code: Code, _ field: String, _ message: String) {
        self.code = code
        self.field = field
        self.message = message
    }

    /// `field: message`.
    public var description: String { "\(field): \(message)" }
}
