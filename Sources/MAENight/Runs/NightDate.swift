import Glibc

/// A day of the calendar that this machine's clock on the wall shows.
public struct NightDate: Sendable, Hashable, CustomStringConvertible {
    /// The year, the month and the day, both from 1 on.
    public let year, month, day: Int

    /// Names a day.
    public init(year: Int, month: Int, day: Int) {
        (self.year, self.month, self.day) = (year, month, day)
    }

    /// The day of a moment in this machine's time zone.
    ///
    /// - Parameter seconds: since 1970.
    public init(at seconds: Double) {
        var time = time_t(exactly: seconds.rounded(.down)) ?? 0
        var parts = tm()
        localtime_r(&time, &parts)
        self.init(year: Int(parts.tm_year) + 1900, month: Int(parts.tm_mon) + 1, day: Int(parts.tm_mday))
    }

    /// Seed of the first of the day's fresh batches; those of two days never meet, since a run has at most a thousand.
    public var freshSeed: UInt64 { UInt64(max((year * 100 + month) * 100 + day, 0)) * 1000 }

    /// `2026-01-31`.
    public var description: String {
        func padded(_ number: Int, to length: Int) -> String {
            String(repeating: "0", count: max(0, length - "\(number)".count)) + "\(number)"
        }
        return "\(padded(year, to: 4))-\(padded(month, to: 2))-\(padded(day, to: 2))"
    }
}
