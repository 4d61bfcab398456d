import MAEDomain

/// Either side: your message was not accepted.
public struct Reject: Sendable, Equatable {
    /// The reason, for programs.
    public var rejection: Rejection
    /// The reason with its remedy, for people.
    public var text: String

    /// A rejection, with its own words where there are no better ones.
    public init(_ rejection: Rejection, text: String? = nil) {
        self.rejection = rejection
        self.text = text ?? rejection.description
    }
}

/// Either side: I am leaving.
///
/// A worker answers the coordinator's with its own, which is not answered.
public struct Goodbye: Sendable, Equatable {
    /// Why, for people.
    public var reason: String

    /// A farewell.
    public init(reason: String) { self.reason = reason }
}
