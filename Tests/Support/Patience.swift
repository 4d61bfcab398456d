import Glibc

extension Duration {
    /// How long a test waits for an event that must come.
    ///
    /// It only ends a test that waits in vain. It is far longer than anything takes, even where other programs have most
    /// of the machine, so no test may depend on its end.
    public static let patience = Duration.seconds(300)
}

/// An event that a test waited for did not come.
public struct WaitedInVain: Error, CustomStringConvertible {
    /// The event.
    public let event: String

    /// Names the event and how long it was waited for.
    public var description: String { "waited for \(Duration.patience) in vain: \(event)" }
}

/// Waits until `condition` holds, which is asked every `interval`.
///
/// Throws ``WaitedInVain`` when it does not hold within ``Swift/Duration/patience``.
public func eventually(
    _ event: @autoclosure () -> String, every interval: Duration = .milliseconds(20),
    _ condition: () async throws -> Bool
) async throws {
    let end = ContinuousClock.now + .patience
    while try await !condition() {
        guard ContinuousClock.now < end else { throw WaitedInVain(event: event()) }
        try await Task.sleep(for: interval)
    }
}

/// Holds the calling thread until `condition` holds, as ``eventually(_:every:_:)`` does a task.
public func blockUntil(
    _ event: @autoclosure () -> String, every interval: Duration = .milliseconds(1), _ condition: () throws -> Bool
) throws {
    _ = try blockUntilFound(event(), every: interval) { () -> Bool? in try condition() ? true : nil }
}

/// Holds the calling thread until `find` finds something, and returns that.
///
/// With an `interval` of zero, `find` waits a moment itself: at a poller, for example.
///
/// Throws ``WaitedInVain`` when nothing is found within ``Swift/Duration/patience``.
public func blockUntilFound<Value>(
    _ event: @autoclosure () -> String, every interval: Duration = .milliseconds(1), _ find: () throws -> Value?
) throws -> Value {
    let end = ContinuousClock.now + .patience
    while true {
        if let value = try find() { return value }
        guard ContinuousClock.now < end else { throw WaitedInVain(event: event()) }
        if interval > .zero { usleep(useconds_t(interval / .microseconds(1))) }
    }
}
