/// Why alarms cannot be sent at all: told before a run begins.
public struct AlarmError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What is missing and what to do about it.
    public let description: String
}
