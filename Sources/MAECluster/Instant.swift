/// A point in time on the owner's monotonic clock.
///
/// The state machines never read a clock: their owner passes the time in, and any origin will do.
public struct Instant: Sendable, Hashable, Comparable {
    /// Time since the origin that the owner chose, its own start for example.
    public let sinceOrigin: Duration

    /// The instant that lies `sinceOrigin` after the owner's origin.
    public init(sinceOrigin: Duration) {
        self.sinceOrigin = sinceOrigin
    }

    /// The earlier of two instants comes first.
    public static func < (left: Instant, right: Instant) -> Bool { left.sinceOrigin < right.sinceOrigin }

    /// The instant `duration` later.
    public static func + (instant: Instant, duration: Duration) -> Instant {
        Instant(sinceOrigin: instant.sinceOrigin + duration)
    }

    /// The time from `right` to `left`.
    public static func - (left: Instant, right: Instant) -> Duration { left.sinceOrigin - right.sinceOrigin }
}
