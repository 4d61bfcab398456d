/// The times that a coordinator asks a new member to keep.
public struct Welcome: Sendable, Hashable {
    /// How often to send a heartbeat.
    public var heartbeatInterval: Duration
    /// When no message came for this long, the other side is gone.
    public var silenceTimeout: Duration

    /// Times, which messages carry in whole milliseconds.
    public init(heartbeatInterval: Duration, silenceTimeout: Duration) {
        self.heartbeatInterval = heartbeatInterval
        self.silenceTimeout = silenceTimeout
    }
}
