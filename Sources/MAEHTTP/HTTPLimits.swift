/// What clients can make a server hold, and for how long.
public struct HTTPLimits: Sendable {
    /// Connections at once.
    ///
    /// A new one waits until one ends, or has waited for a request for ``patience``: that one is cut.
    public var connections = 16
    /// Bytes of a request: its line and its fields.
    public var headBytes = 8192
    /// How long a client may take for a request, and keep a connection without one.
    public var requestTime: Duration = .seconds(5)
    /// How long a client may take to receive an answer.
    public var answerTime: Duration = .seconds(30)
    /// How long a connection without a request is kept from giving way to a new one.
    public var patience: Duration = .seconds(1)
    /// How long a client may take to go after its last answer, so that the answer reaches it.
    public var drainTime: Duration = .seconds(2)
    /// Bytes that such a client may still send.
    public var drainBytes = 65536

    /// The defaults.
    public init() {}
}
