/// Spans of time as people say them.
package enum AgeText {
    private static let units: [(seconds: Double, name: String)] = [
        (86_400, "day"), (3600, "hour"), (60, "minute"), (1, "second"),
    ]

    /// `3 days`, `1 hour`, `0 seconds`: in the largest unit that has one of it, to the nearest whole number.
    package static func words(_ seconds: Double) -> String {
        let unit = units.first { seconds >= $0.seconds * 0.995 } ?? units[units.count - 1]
        let count = Int((seconds / unit.seconds).rounded())
        return "\(count) \(unit.name)\(count == 1 ? "" : "s")"
    }
}
